import { ChunkedBody } from './chunked-body.js'
import { IN_CHUNKS, MalformedResponse, parseResponseHead, UNTIL_CLOSE, type ResponseHead } from './response-head.js'

/** A whole response. The body is text, or bytes where its encoding has still to be undone. */
export interface WireResponse {
  readonly head: ResponseHead
  readonly body: string | Buffer
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LONGEST_HEAD = 16 * 1_024 // what Node's own client takes

/**
 * One response from the bytes of a connection, however the network cuts them. In: bytes, lent for the time of the call. Out:
 * the response, with the last of them. It refuses whatever is not HTTP/1.1 to the letter, what is too large, and what goes on
 * after its end: MalformedResponse.
 */
export class ResponseReader {
  readonly #maximumBytes: number
  #headText = ''
  #head: ResponseHead | null = null
  #chunks: ChunkedBody | null = null
  #pieces: Buffer[] = []
  #size = 0
  #begun = false

  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes
  }

  /** Whether anything of the response has come. */
  get begun(): boolean {
    return this.#begun
  }

  /** Null while there is more to come. */
  take(bytes: Buffer): WireResponse | null {
    this.#begun = true
    let at = 0
    let head = this.#head
    while (head === null) {
      at = this.#takeHead(bytes, at)
      if (at < 0) return null
      head = this.#head
    }
    return this.#takeBody(head, bytes, at)
  }

  /** The connection was closed in order. Null when the response is not whole. */
  end(): WireResponse | null {
    if (this.#head === null || this.#head.length !== UNTIL_CLOSE) return null
    return { head: this.#head, body: this.#collected(this.#head) }
  }

  /** Where the body begins, -1 while the head is not whole. An interim head leaves `#head` null. */
  #takeHead(bytes: Buffer, from: number): number {
    const found = this.#headText === '' ? endOfHead(bytes, from) : endOfCutHead(this.#headText, bytes, from)
    const end = found < 0 ? bytes.length : found
    if (this.#headText.length + end - from > LONGEST_HEAD) throw new MalformedResponse('the head is too large')
    this.#headText += bytes.toString('latin1', from, end)
    if (found < 0) return -1
    const head = parseResponseHead(this.#headText.slice(0, -2))
    this.#headText = ''
    if (head.status >= 200) this.#begin(head)
    return end
  }

  #begin(head: ResponseHead): void {
    if (head.length > this.#maximumBytes) throw new MalformedResponse('the body is too large')
    if (head.length === IN_CHUNKS) this.#chunks = new ChunkedBody()
    this.#head = head
  }

  #takeBody(head: ResponseHead, bytes: Buffer, at: number): WireResponse | null {
    if (this.#chunks !== null) {
      const end = this.#chunks.take(bytes, at, (lent, from, to) => this.#takePiece(lent, from, to))
      return end < 0 ? null : this.#finish(head, bytes, end)
    }
    if (head.length === UNTIL_CLOSE) {
      this.#takePiece(bytes, at, bytes.length)
      return null
    }
    const end = at + head.length - this.#size
    if (this.#size === 0 && bytes.length >= end && head.contentEncoding === '') {
      mustEnd(bytes, end)
      return { head, body: bytes.toString('utf8', at, end) } // nearly always: the whole of it came at once
    }
    this.#takePiece(bytes, at, Math.min(bytes.length, end))
    return bytes.length < end ? null : this.#finish(head, bytes, end)
  }

  #takePiece(bytes: Buffer, from: number, to: number): void {
    if (from === to) return
    this.#size += to - from
    if (this.#size > this.#maximumBytes) throw new MalformedResponse('the body is too large')
    this.#pieces.push(Buffer.from(bytes.subarray(from, to)))
  }

  #finish(head: ResponseHead, bytes: Buffer, end: number): WireResponse {
    mustEnd(bytes, end)
    return { head, body: this.#collected(head) }
  }

  #collected({ contentEncoding }: ResponseHead): string | Buffer {
    const bytes = Buffer.concat(this.#pieces, this.#size)
    return contentEncoding === '' ? bytes.toString('utf8', 0, bytes.length) : bytes
  }
}

/** Behind the empty line, -1 without one. */
function endOfHead(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(HEAD_END, from)
  return at < 0 ? -1 : at + HEAD_END.length
}

/** The same for a head of which something has come before; the cut may go through its end. */
function endOfCutHead(before: string, bytes: Buffer, from: number): number {
  const last = before.slice(1 - HEAD_END.length)
  const at = (last + bytes.toString('latin1', from, from + LONGEST_HEAD)).indexOf('\r\n\r\n')
  return at < 0 ? -1 : from + at + HEAD_END.length - last.length
}

/** What follows an answer nobody has asked for: the server sees other requests than were sent. */
function mustEnd(bytes: Buffer, end: number): void {
  if (bytes.length > end) throw new MalformedResponse('something follows the answer')
}
