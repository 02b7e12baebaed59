import { GENESIS, hashOf, type ChainedEntry } from './audit-hash.js'

export interface StoredEntry extends ChainedEntry {
  readonly hash: Uint8Array<ArrayBuffer>
}

/** What became of a check: the chain's length and last hash, or the first entry that does not fit and why. */
export type ChainVerdict =
  | { readonly isWhole: true; readonly entries: number; readonly head: string }
  | { readonly isWhole: false; readonly sequence: bigint; readonly fault: string }

/**
 * Checks a chain from its first entry: no hole, each bound to the one before, none changed. `head`, where it was written down
 * elsewhere, must be the hash of one of them: a chain that was made anew, or cut, has another.
 */
export async function verifyChain(
  entries: AsyncIterable<StoredEntry>,
  head: string | null = null,
): Promise<ChainVerdict> {
  let previous = { sequence: 0n, hash: GENESIS }
  let isHeadSeen = head === null
  let count = 0
  for await (const entry of entries) {
    const { sequence } = entry
    if (sequence !== previous.sequence + 1n) return broken(previous.sequence + 1n, 'is missing')
    if (!equal(entry.previousHash, previous.hash)) return broken(sequence, 'does not follow the one before')
    if (!equal(entry.hash, hashOf(entry))) return broken(sequence, 'was changed')
    previous = { sequence, hash: entry.hash }
    isHeadSeen ||= hex(entry.hash) === head
    count += 1
  }
  if (!isHeadSeen) return broken(previous.sequence, 'ends a chain without the hash that was written down')
  return { isWhole: true, entries: count, head: hex(previous.hash) }
}

function broken(sequence: bigint, fault: string): ChainVerdict {
  return { isWhole: false, sequence, fault }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
