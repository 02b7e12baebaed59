const FIN_AND_TEXT = 0x81 // RFC 6455, section 5.2
const LENGTH_IN_2_BYTES = 126
const LENGTH_IN_8_BYTES = 127

/** Above it a part that many share is cheaper passed on than copied. */
const COPIED_BYTES = 16_384

/**
 * One whole text message in one unmasked frame, as a server sends it. It is the text of `opening`, which must be ASCII, then
 * the bytes of `shared`, then the text of `closing`. In one buffer, or where the shared part is large in three.
 */
export function textFrame(opening: string, shared: Buffer, closing: string): readonly Buffer[] {
  const closingBytes = Buffer.byteLength(closing)
  const length = opening.length + shared.length + closingBytes
  const isLarge = shared.length > COPIED_BYTES
  const frame = Buffer.allocUnsafe(headerLength(length) + (isLarge ? opening.length : length))
  let end = writeHeader(frame, length)
  end += frame.write(opening, end, 'latin1')
  if (isLarge) return [frame, shared, Buffer.from(closing)]
  shared.copy(frame, end)
  frame.write(closing, end + shared.length)
  return [frame]
}

function headerLength(length: number): number {
  if (length < LENGTH_IN_2_BYTES) return 2
  return length < 65_536 ? 4 : 10
}

function writeHeader(frame: Buffer, length: number): number {
  frame[0] = FIN_AND_TEXT
  if (length < LENGTH_IN_2_BYTES) {
    frame[1] = length
    return 2
  }
  if (length < 65_536) {
    frame[1] = LENGTH_IN_2_BYTES
    return frame.writeUInt16BE(length, 2)
  }
  frame[1] = LENGTH_IN_8_BYTES
  return frame.writeBigUInt64BE(BigInt(length), 2)
}

const beyondAscii = /[\u007f-\uffff]/g

/** The JSON text of a string, in ASCII: as long in bytes as in characters. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    beyondAscii,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
