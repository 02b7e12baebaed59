/** A signing key in its life: published, then signing, then published until the last token it signed is over. */
export interface KeyLife {
  readonly kid: string
  /** Since when it is published. */
  readonly createdAt: Date
  /** Since when it signs; null while it is the next one. */
  readonly signsFrom: Date | null
  /** Since when it signs no more; null until then. */
  readonly retiredAt: Date | null
}

export interface KeySchedule {
  /** How long a key signs. */
  readonly rotateAfterMs: number
  /** How long a key is published before it signs. */
  readonly publishAheadMs: number
  /** How long a key is published after it signed last. */
  readonly keepMs: number
}

/** What is to be done with the keys now. */
export interface DueChanges {
  /** Signs no more. */
  readonly retire: string | null
  /** Signs from now on. */
  readonly promote: string | null
  /** A key has to be made: to wait its turn, or to sign at once where there is no other. */
  readonly make: 'next' | 'current' | null
  /** Verify nothing any more. */
  readonly remove: readonly string[]
}

const HOUR_MS = 3_600_000

/**
 * The house's numbers. Verifiers keep a key set for ten minutes (`cacheMaxAge` of jose) and proxies for five, so an hour ahead
 * everybody has the next key; tokens live for an hour at most, and clocks differ by less than another.
 */
export const keyTimes = { publishAheadMs: HOUR_MS, keepMs: 2 * HOUR_MS } as const

export const stateOf = ({ signsFrom, retiredAt }: KeyLife): 'next' | 'current' | 'previous' =>
  retiredAt !== null ? 'previous' : signsFrom !== null ? 'current' : 'next'

/** Null where nothing is due. There is one current key and one next, and any number of previous ones. */
export function changesDue(
  keys: readonly KeyLife[],
  at: Date,
  { rotateAfterMs, publishAheadMs, keepMs }: KeySchedule,
  isForced = false,
): DueChanges | null {
  const of = (state: string) => keys.filter((key) => stateOf(key) === state)
  const ago = (time: Date | null) => (time === null ? 0 : at.getTime() - time.getTime())
  const [[current], [next]] = [of('current'), of('next')]
  const isDue = current === undefined || ago(current.signsFrom) >= rotateAfterMs
  const isKnown = next !== undefined && (current === undefined || ago(next.createdAt) >= publishAheadMs)
  const turns = isForced || (isDue && isKnown)
  const promote = turns && next !== undefined ? next.kid : null
  const make = promote === null && (current === undefined || turns) ? 'current' : turns || !next ? 'next' : null
  const remove = of('previous').filter((key) => ago(key.retiredAt) >= keepMs)
  if (!turns && make === null && remove.length === 0) return null
  return {
    retire: turns || make === 'current' ? (current?.kid ?? null) : null,
    promote,
    make,
    remove: remove.map(({ kid }) => kid),
  }
}
