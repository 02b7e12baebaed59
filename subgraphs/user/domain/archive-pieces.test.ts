import { describe, expect, it } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { createEnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { EnvelopeError } from '../../../platform/crypto/envelope-error.js'
import { openPieces, sealPieces } from './archive-pieces.js'

const cipher = createEnvelopeCipher({ masterKeys: { k1: new Uint8Array(randomBytes(32)) }, currentKeyId: 'k1' })
const MEBIBYTE = 1024 * 1024
const exportId = crypto.randomUUID()

async function sealed(archive: Uint8Array, at = exportId): Promise<Uint8Array<ArrayBuffer>[]> {
  async function* little() {
    for (let from = 0; from < archive.byteLength; from += 300_000) yield archive.subarray(from, from + 300_000)
  }
  const pieces = []
  for await (const piece of sealPieces(cipher, at, little())) pieces.push(piece.sealed)
  return pieces
}

async function opened(pieces: readonly Uint8Array<ArrayBuffer>[], bytes: number): Promise<Buffer> {
  const found: Uint8Array[] = []
  const read = async (number: number) => pieces[number - 1] ?? null
  for await (const piece of openPieces(cipher, { exportId, bytes }, read)) found.push(piece)
  return Buffer.concat(found)
}

describe('an archive in pieces', () => {
  it.each([0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE, 3 * MEBIBYTE + 7])(
    'comes back whole: %d bytes',
    async (length) => {
      const archive = randomBytes(length)
      const pieces = await sealed(archive)
      expect(pieces).toHaveLength(Math.floor(length / MEBIBYTE) + 1)
      expect((await opened(pieces, length)).equals(archive)).toBe(true)
    },
  )

  it('opens no piece that was changed, stands elsewhere, is of another archive, or the last where it is not', async () => {
    const length = 2 * MEBIBYTE + 5
    const archive = randomBytes(length)
    const [first, second, last] = await sealed(archive)
    const [foreign] = await sealed(archive, crypto.randomUUID())
    if (!first || !second || !last || !foreign) throw new Error('There are three pieces.')
    const changed = first.slice()
    changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1
    await expect(opened([changed, second, last], length)).rejects.toThrow(EnvelopeError)
    await expect(opened([second, first, last], length)).rejects.toThrow(EnvelopeError)
    await expect(opened([foreign, second, last], length)).rejects.toThrow(EnvelopeError)
    await expect(opened([first, second], MEBIBYTE + 5)).rejects.toThrow(EnvelopeError)
    await expect(opened([first, second, last], 3 * MEBIBYTE)).rejects.toThrow(EnvelopeError)
    await expect(opened([first], length)).rejects.toThrow('is gone')
  })
})
