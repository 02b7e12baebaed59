/** The start of an HTTP/1.1 response as far as a client of JSON needs it. */
export interface ResponseHead {
  readonly status: number
  /** Empty when the server does not say. */
  readonly contentType: string
  /** In small letters; empty for a body that is sent as it is. */
  readonly contentEncoding: string
  /** Bytes, or one of IN_CHUNKS and UNTIL_CLOSE. */
  readonly length: number
  /** How long the server keeps the connection for another request; 0 when it does not. */
  readonly keptForMs: number
}

export const IN_CHUNKS = -1
export const UNTIL_CLOSE = -2

/** A server that does not speak HTTP/1.1 as it is written: what it sent can't be told apart from what it did not mean. */
export class MalformedResponse extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'MalformedResponse'
  }
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const TEXT = '[\\t\\x20-\\x7e\\x80-\\xff]*'

/**
 * RFC 9112, stricter where its leniency has let two readers see two messages: no folded lines, no space before a colon, no
 * bare CR or LF. Header lines alone are what a trailer may hold, too.
 */
export const HEADER_LINES = new RegExp(`^(?:${TOKEN}:${TEXT}\\r\\n)*$`)
const HEAD = new RegExp(`^HTTP/1\\.[01] [1-5][0-9][0-9](?: ${TEXT})?\\r\\n(?:${TOKEN}:${TEXT}\\r\\n)*$`)

const UNSAID_KEEPING_MS = 4_000 // Node's servers keep a connection for 5 s, others for longer
const KEEPING_MARGIN_MS = 1_000 // a request must not cross the server's closing on its way
const LONGEST_KEEPING_MS = 600_000

/** Collects what the headers say, and refuses what they must not say twice. */
interface Fields {
  contentType: string
  contentEncoding: string
  contentLength: number
  isChunked: boolean
  connection: string
  keepAlive: string
}

/** `text` is latin1, from the status line to the end of the last header, CRLF included. Throws MalformedResponse. */
export function parseResponseHead(text: string): ResponseHead {
  if (!HEAD.test(text)) throw new MalformedResponse('the head is not of HTTP/1.1')
  const status = Number(text.slice(9, 12))
  const fields = readFields(text)
  const isOld = text.charCodeAt(7) === 0x30 // HTTP/1.0
  if (fields.isChunked && (isOld || fields.contentLength >= 0))
    throw new MalformedResponse('the length is told in two ways')
  const keptForMs = keepingOf(fields, isOld)
  if (status < 200 && keptForMs === 0) throw new MalformedResponse('an interim answer to be the last')
  const length = lengthOf(status, fields)
  return {
    status,
    contentType: fields.contentType,
    contentEncoding: fields.contentEncoding === 'identity' ? '' : fields.contentEncoding,
    length,
    keptForMs: length === UNTIL_CLOSE ? 0 : keptForMs,
  }
}

function readFields(text: string): Fields {
  const fields: Fields = {
    contentType: '',
    contentEncoding: '',
    contentLength: -1,
    isChunked: false,
    connection: '',
    keepAlive: '',
  }
  for (let at = text.indexOf('\r\n') + 2; at < text.length;) {
    const end = text.indexOf('\r\n', at)
    readField(text, at, end, fields)
    at = end + 2
  }
  return fields
}

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])
const AROUND = /^[ \t]+|[ \t]+$/g // and nothing else that looks like a space

/** Most headers are none of ours: their length tells. */
function readField(text: string, at: number, end: number, fields: Fields): void {
  const colon = text.indexOf(':', at)
  const size = colon - at
  if (size !== 10 && size !== 12 && size !== 14 && size !== 16 && size !== 17) return
  const name = text.slice(at, colon).toLowerCase()
  const value = text.slice(colon + 1, end).replace(AROUND, '')
  if (FRAMING.has(name) && text.slice(colon, end).includes('\t')) throw new MalformedResponse('a tab in a length')
  if (name === 'content-length') {
    if (fields.contentLength >= 0 || !/^\d{1,15}$/.test(value)) throw new MalformedResponse('the length is not clear')
    fields.contentLength = Number(value)
  } else if (name === 'transfer-encoding') {
    if (fields.isChunked || value.toLowerCase() !== 'chunked')
      throw new MalformedResponse('a transfer encoding other than chunked')
    fields.isChunked = true
  } else if (name === 'content-type') {
    fields.contentType ||= value
  } else if (name === 'content-encoding') {
    fields.contentEncoding += (fields.contentEncoding === '' ? '' : ',') + value.toLowerCase()
  } else if (name === 'connection') {
    fields.connection += `,${value.toLowerCase()}`
  } else if (name === 'keep-alive') {
    fields.keepAlive = value
  }
}

function lengthOf(status: number, { isChunked, contentLength }: Fields): number {
  if (status < 200) {
    if (status === 101 || isChunked || contentLength >= 0) throw new MalformedResponse('an interim answer with a body')
    return 0
  }
  if (status === 204 || status === 304) return 0 // RFC 9112 section 6.3: whatever the headers say
  if (isChunked) return IN_CHUNKS
  return contentLength >= 0 ? contentLength : UNTIL_CLOSE
}

function keepingOf({ connection, keepAlive }: Fields, isOld: boolean): number {
  const options = connection.split(',').map((option) => option.trim())
  if (options.includes('close') || (isOld && !options.includes('keep-alive'))) return 0
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(keepAlive)?.[1]
  if (seconds === undefined) return UNSAID_KEEPING_MS
  return Math.min(Math.max(0, Number(seconds) * 1_000 - KEEPING_MARGIN_MS), LONGEST_KEEPING_MS)
}
