/**
 * What a subject means. In: subjects and filters. Out: the stream that keeps them, and whether one catches the other.
 * It refuses anything a broker would read differently: empty tokens, blanks, wildcards where something is published.
 */
export type StreamName = 'EVENTS' | 'PROGRESS' | 'DEAD_LETTERS'

interface StreamRules {
  /** The first token of every subject in the stream. */
  readonly prefix: string
  readonly maxAgeMs: number
  /** Bound of the in-process log: it lives in memory beside the services. */
  readonly maxCount: number
}

const DAY_MS = 86_400_000

export const streams: Readonly<Record<StreamName, StreamRules>> = {
  EVENTS: { prefix: 'events', maxAgeMs: 7 * DAY_MS, maxCount: 20_000 }, // about 20 MB of usual envelopes
  PROGRESS: { prefix: 'progress', maxAgeMs: 15 * 60_000, maxCount: 20_000 },
  DEAD_LETTERS: { prefix: 'dead-letter', maxAgeMs: 30 * DAY_MS, maxCount: 1_000 }, // read by people
}

export const streamNames: readonly StreamName[] = ['EVENTS', 'PROGRESS', 'DEAD_LETTERS']

/** How long a second publish of one id is recognised. */
export const DUPLICATE_WINDOW_MS = 120_000

const TOKEN = /^[^\s.*>]+$/
const CONSUMER_NAME = /^[A-Za-z0-9-]+$/

/** The stream of a subject or filter. Throws TypeError for one that belongs to none. */
export function streamOf(subject: string): StreamName {
  const first = subject.split('.', 1)[0]
  const name = streamNames.find((candidate) => streams[candidate].prefix === first)
  if (name === undefined) throw new TypeError(`'${subject}' must begin with events., progress. or dead-letter.`)
  return name
}

/** Whether a subject can be published on: it belongs to a stream, has at least two tokens and no wildcard. */
export function isSubject(subject: string): boolean {
  const tokens = subject.split('.')
  const known = streamNames.some((name) => streams[name].prefix === tokens[0])
  return known && tokens.length > 1 && tokens.every((token) => TOKEN.test(token))
}

/** Throws TypeError unless the subject can be published on. */
export function assertSubject(subject: string): void {
  if (!isSubject(subject)) {
    throw new TypeError(
      `'${subject}' is not a subject to publish on: events., progress. or dead-letter., then tokens without wildcards or blanks.`,
    )
  }
}

/** Throws TypeError unless the filter is well formed: `*` only as a whole token, `>` only as the last one. */
export function assertFilter(filter: string): void {
  if (!isFilter(filter) || !filter.includes('.')) throw new TypeError(`'${filter}' is not a subject filter.`)
}

/**
 * Throws TypeError unless others may publish on such subjects, wildcards within them allowed: those of the server's own (`$JS`,
 * `_INBOX`) are nobody's to read.
 */
export function assertForeignSubject(subject: string): void {
  if (isFilter(subject) && !/^[$_*>]/.test(subject)) return
  throw new TypeError(
    `'${subject}' is not a subject that begins with a token of its own, and not with $, _ or a wildcard.`,
  )
}

function isFilter(text: string): boolean {
  const tokens = text.split('.')
  return tokens.every(
    (token, index) => TOKEN.test(token) || token === '*' || (token === '>' && index === tokens.length - 1),
  )
}

/** Throws TypeError unless a durable name is letters, digits and dashes: it becomes a token of the dead letters' subject. */
export function assertConsumerName(name: string): void {
  if (!CONSUMER_NAME.test(name))
    throw new TypeError(`'${name}' is not a consumer name: letters, digits and dashes only.`)
}

/** A test for one filter, as NATS matches: `*` is one token, a final `>` one or more. */
export function subjectMatcher(filter: string): (subject: string) => boolean {
  if (!filter.includes('*') && !filter.endsWith('>')) return (subject) => subject === filter
  const wanted = filter.split('.')
  const open = wanted.at(-1) === '>'
  const fixed = open ? wanted.slice(0, -1) : wanted
  return (subject) => {
    const tokens = subject.split('.')
    if (open ? tokens.length <= fixed.length : tokens.length !== fixed.length) return false
    return fixed.every((token, index) => token === '*' || token === tokens[index])
  }
}

/** Where a consumer's given-up events go. */
export function deadLetterSubject(consumer: string, subject: string): string {
  return `${streams.DEAD_LETTERS.prefix}.${consumer}.${subject}`
}
