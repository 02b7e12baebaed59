const TEXT = 0x81 // RFC 6455, section 5.2: FIN and opcode 1
const CLOSE = 0x88
const PING = 0x89

/**
 * Reads a server's frames, which are unmasked and whole, in the least code that is right for this bench. Feed it what a
 * socket brings: it calls `onText` with each text frame's place in a buffer, and `onPing`. Throws for what it does not know.
 */
export function createFrameReader(
  onText: (buffer: Buffer, start: number) => void,
  onPing: () => void,
): (chunk: Buffer) => void {
  let rest: Buffer | null = null
  return (chunk) => {
    const buffer: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (;;) {
      const start = bodyOf(buffer, at)
      if (start < 0) break
      const length = lengthOf(buffer, at)
      if (buffer.length < start + length) break
      const kind = buffer[at]
      if (kind === TEXT) onText(buffer, start)
      else if (kind === CLOSE) throw new Error(`closed: ${buffer.readUInt16BE(start)}`)
      else if (kind === PING) onPing()
      else throw new Error(`a frame of kind ${kind}`)
      at = start + length
    }
    rest = at === buffer.length ? null : Buffer.from(buffer.subarray(at))
  }
}

/** Where the payload begins; negative while the header is not whole. */
function bodyOf(buffer: Buffer, at: number): number {
  if (buffer.length < at + 2) return -1
  const short = buffer[at + 1] ?? 0
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
  return buffer.length < start ? -1 : start
}

function lengthOf(buffer: Buffer, at: number): number {
  const short = buffer[at + 1] ?? 0
  if (short < 126) return short
  return short === 126 ? buffer.readUInt16BE(at + 2) : Number(buffer.readBigUInt64BE(at + 2))
}
