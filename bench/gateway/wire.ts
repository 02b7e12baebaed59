/**
 * HTTP/1.1 in the least code that is right for this bench: node:http on the other side of the gateway would cost as much as
 * the gateway itself. In: bytes of one connection. Out: messages, head and body apart. It knows lengths and chunks.
 */
const HEAD_END = Buffer.from('\r\n\r\n')

export interface Message {
  /** Start line and headers, as they came. */
  readonly head: string
  readonly body: Buffer
}

/** Feed it what a socket brings; it calls `onMessage` for each whole message. */
export function createMessageReader(onMessage: (message: Message) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = []
  let size = 0
  let needed = 0 // bytes below which looking again is a waste
  return (chunk) => {
    pending.push(chunk)
    size += chunk.length
    if (size < needed) return
    let buffer = pending.length === 1 ? chunk : Buffer.concat(pending, size)
    for (;;) {
      const read = readMessage(buffer)
      if (typeof read === 'number') {
        needed = read
        break
      }
      onMessage(read.message)
      buffer = buffer.subarray(read.length)
    }
    pending = buffer.length === 0 ? [] : [buffer]
    size = buffer.length
  }
}

/** A number: how many bytes there must at least be before it can be read. */
function readMessage(buffer: Buffer): { message: Message; length: number } | number {
  const end = buffer.indexOf(HEAD_END)
  if (end < 0) return buffer.length + 1
  const head = buffer.toString('latin1', 0, end)
  const start = end + HEAD_END.length
  const given = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (given !== undefined) {
    const length = start + Number(given)
    return buffer.length < length ? length : { message: { head, body: buffer.subarray(start, length) }, length }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head))
    return { message: { head, body: buffer.subarray(start, start) }, length: start }
  return readChunks(head, buffer, start)
}

function readChunks(head: string, buffer: Buffer, start: number): { message: Message; length: number } | number {
  const parts: Buffer[] = []
  for (let at = start; ;) {
    const lineEnd = buffer.indexOf('\r\n', at)
    if (lineEnd < 0) return buffer.length + 1
    const length = Number.parseInt(buffer.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + length + 2
    if (buffer.length < next) return next
    if (length === 0) return { message: { head, body: Buffer.concat(parts) }, length: next }
    parts.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = next
  }
}
