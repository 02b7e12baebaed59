import { HEADER_LINES, MalformedResponse } from './response-head.js'

/** Takes the bytes of a body, a piece at a time; they are only lent. */
export type TakePiece = (bytes: Buffer, from: number, to: number) => void

const SIZE_LINE =
  /^([0-9a-f]{1,8})(?:;[!#$%&'*+.^_`|~0-9a-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e]*"))?)*$/i
const LONGEST_LINE = 1_024
const MAXIMUM_EXTENSIONS = 16 * 1_024 // bytes of one body: nobody reads them, and their number is the sender's to choose
const MAXIMUM_TRAILER = 16 * 1_024

/** A body in chunks (RFC 9112 section 7.1), however the network cuts it. Extensions and trailers are checked and dropped. */
export class ChunkedBody {
  #state: 'size' | 'data' | 'data end' | 'trailer' = 'size'
  #line = ''
  #remaining = 0
  #extensions = 0
  #trailer = 0

  /** The place behind the body's end, -1 while there is more to come. Throws MalformedResponse. */
  take(bytes: Buffer, from: number, piece: TakePiece): number {
    let at = from
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const to = Math.min(bytes.length, at + this.#remaining)
        piece(bytes, at, to)
        this.#remaining -= to - at
        at = to
        if (this.#remaining === 0) this.#state = 'data end'
        continue
      }
      const end = bytes.indexOf(0x0a, at)
      this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end + 1)
      if (this.#line.length > LONGEST_LINE) throw new MalformedResponse('a line between chunks is too long')
      if (end < 0) return -1
      at = end + 1
      const line = this.#line
      this.#line = ''
      if (!line.endsWith('\r\n')) throw new MalformedResponse('a line between chunks ends in a bare LF')
      if (this.#takeLine(line.slice(0, -2))) return at
    }
    return -1
  }

  /** True for the last line there is. */
  #takeLine(line: string): boolean {
    if (this.#state === 'data end') {
      if (line !== '') throw new MalformedResponse('a chunk is longer than it says')
      this.#state = 'size'
      return false
    }
    if (this.#state === 'trailer') {
      this.#trailer += line.length + 2
      if (this.#trailer > MAXIMUM_TRAILER || !HEADER_LINES.test(line === '' ? '' : `${line}\r\n`))
        throw new MalformedResponse('the trailer is not one')
      return line === ''
    }
    const size = SIZE_LINE.exec(line)?.[1]
    if (size === undefined) throw new MalformedResponse('the size of a chunk is not clear')
    this.#extensions += line.length - size.length
    if (this.#extensions > MAXIMUM_EXTENSIONS) throw new MalformedResponse('too much between chunks')
    this.#remaining = Number.parseInt(size, 16)
    this.#state = this.#remaining === 0 ? 'trailer' : 'data'
    return false
  }
}
