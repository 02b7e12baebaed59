import { createHash } from 'node:crypto'

/** An entry of the chain, as stored. */
export interface ChainedEntry {
  readonly sequence: bigint
  readonly at: Date
  readonly action: string
  readonly actor: string | null
  readonly subject: string | null
  readonly sealedDetails: Uint8Array<ArrayBuffer> | null
  readonly previousHash: Uint8Array<ArrayBuffer>
}

/** What the first entry has in place of the hash of the one before. */
export const GENESIS: Uint8Array<ArrayBuffer> = new Uint8Array(32)

/**
 * SHA-256 over the JSON array of an entry's parts, in the order of the columns: numbers in decimal, times in ISO 8601 with
 * milliseconds, bytes in base64url. Whoever has the table can compute it anew with nothing else.
 */
export function hashOf(entry: ChainedEntry): Uint8Array<ArrayBuffer> {
  const { sequence, at, action, actor, subject, sealedDetails, previousHash } = entry
  const parts = [String(sequence), at.toISOString(), action, actor, subject, text(sealedDetails), text(previousHash)]
  return new Uint8Array(createHash('sha256').update(JSON.stringify(parts)).digest())
}

function text(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString('base64url')
}
