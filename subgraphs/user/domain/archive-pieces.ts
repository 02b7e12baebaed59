/**
 * An archive as it lies in the database: in pieces, each sealed for its place. In: the archive's bytes a little at a time, or
 * its pieces in their order. Out: the other of the two. It refuses a piece that was changed, stands elsewhere, or is missing.
 */
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'

type Bytes = Uint8Array<ArrayBuffer>

const PIECE_BYTES = 1024 * 1024

/** Pieces of a mebibyte and a last one that is smaller and may be empty. */
export async function* sealPieces(
  cipher: EnvelopeCipher,
  exportId: string,
  archive: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly number: number; readonly bytes: number; readonly sealed: Bytes }> {
  let number = 0
  let waiting: Uint8Array[] = []
  let bytes = 0
  const seal = (piece: Uint8Array, isLast: boolean) => {
    number += 1
    return { number, bytes: piece.byteLength, sealed: cipher.seal(piece, contextOf(exportId, number, isLast)) }
  }
  for await (const some of archive) {
    waiting.push(some)
    bytes += some.byteLength
    if (bytes < PIECE_BYTES) continue
    const all = Buffer.concat(waiting)
    let from = 0
    for (; all.byteLength - from >= PIECE_BYTES; from += PIECE_BYTES) {
      yield seal(all.subarray(from, from + PIECE_BYTES), false)
    }
    waiting = [all.subarray(from)]
    bytes = all.byteLength - from
  }
  yield seal(Buffer.concat(waiting), true)
}

/**
 * The archive of so many bytes; `read` gives one sealed piece, null where there is none. Throws EnvelopeError, and Error where
 * a piece is missing: it was destroyed meanwhile.
 */
export async function* openPieces(
  cipher: EnvelopeCipher,
  { exportId, bytes }: { readonly exportId: string; readonly bytes: number },
  read: (number: number) => Promise<Bytes | null>,
): AsyncGenerator<Bytes> {
  const last = Math.floor(bytes / PIECE_BYTES) + 1
  for (let number = 1; number <= last; number += 1) {
    const sealed = await read(number)
    if (sealed === null) throw new Error('A piece of an archive is gone.')
    yield cipher.open(sealed, contextOf(exportId, number, number === last))
  }
}

function contextOf(exportId: string, number: number, isLast: boolean): string {
  return `data export archive ${exportId}, piece ${number}${isLast ? ', the last' : ''}`
}
