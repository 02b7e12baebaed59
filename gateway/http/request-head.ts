/**
 * The heads of requests whose beginning and end nobody can read in two ways: in HTTP/1.1 to the letter, of a stated length or
 * without a body. In: bytes. Out: the headers as Node's own parser gives them, and where the body begins and ends. It refuses to
 * interpret: whatever frames a message otherwise, or asks for more, is left to Node's parser.
 */
import { HEADER_LINES } from '../subgraph-client/response-head.js'

/** As in `IncomingMessage.headers`: names in small letters, none of them twice. */
export type PlainHeaders = Record<string, string>

export interface RequestHead {
  /** Whether it is a POST with a body to the path the front door answers for. */
  readonly isPlain: boolean
  readonly headers: PlainHeaders
  /** Where the body begins, in bytes from the start of the request. */
  readonly bodyStart: number
  /** Where it ends. */
  readonly end: number
}

/** Undefined while more of the head may come, null for one that is Node's to read. */
export type ReadRequestHead = (bytes: Buffer) => RequestHead | undefined | null

const HEAD_END = '\r\n\r\n'
const LONGEST_HEAD = 8 * 1_024 // half of what Node takes: what it refuses is Node's to refuse
const MOST_HEADERS = 100 // Node takes 2,000; the memory of a request is not for its sender to choose

const METHODS = ['GET /', 'HEAD /', 'OPTIONS /', 'POST /']
const START = /^(?:GET|HEAD|OPTIONS|POST) \/[\x21-\x7e]* HTTP\/1\.1\r\n/

/** `path` is the whole target of a plain request, without an authority or a query string. */
export function createRequestHeadReader(path: string, maximumBytes: number): ReadRequestHead {
  const plainStart = `POST ${path} HTTP/1.1\r\n`
  return (bytes) => {
    const text = bytes.toString('latin1', 0, LONGEST_HEAD)
    const isPlain = text.startsWith(plainStart)
    const start = isPlain ? plainStart.length : lengthOfStart(text)
    if (start === undefined || start === null) return start
    const end = text.indexOf(HEAD_END, start - 2)
    if (end < 0) return text.length < LONGEST_HEAD ? undefined : null
    const lines = text.slice(start, end + 2)
    const headers = HEADER_LINES.test(lines) && !lines.includes('\t') ? readHeaders(lines) : null
    const length = headers === null ? null : lengthOfBody(headers)
    if (headers === null || length === null || length > maximumBytes) return null
    const bodyStart = end + HEAD_END.length
    return { isPlain: isPlain && length > 0, headers, bodyStart, end: bodyStart + length }
  }
}

/** Undefined where it is not whole, null where it is none. */
function lengthOfStart(text: string): number | undefined | null {
  const end = text.indexOf('\n')
  if (end >= 0) return START.test(text) ? end + 1 : null
  const mayBecomeOne = METHODS.some((method) => text.startsWith(method) || method.startsWith(text))
  return mayBecomeOne && text.length < LONGEST_HEAD ? undefined : null
}

/** Null for a name that comes twice, or that an object has by itself. */
function readHeaders(lines: string): PlainHeaders | null {
  const headers: PlainHeaders = {}
  let count = 0
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf('\r\n', at)
    const colon = lines.indexOf(':', at)
    const name = lines.slice(at, colon).toLowerCase()
    if (headers[name] !== undefined || (count += 1) > MOST_HEADERS) return null
    headers[name] = valueOf(lines, colon + 1, end)
    at = end + 2
  }
  return headers
}

/** Without the spaces around it. Tabs, which RFC 9110 has there as well, have been left to Node: it takes them in some fields. */
function valueOf(lines: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && lines.charCodeAt(start) === SPACE) start += 1
  while (end > start && lines.charCodeAt(end - 1) === SPACE) end -= 1
  return lines.slice(start, end)
}

const SPACE = 0x20

/** Frame the message in another way, change the protocol, or wait for an answer before the body: not for us to judge. */
const BEYOND = ['transfer-encoding', 'upgrade', 'expect', 'te', 'trailer', 'proxy-connection', 'set-cookie']
const LENGTH = /^(?:0|[1-9][0-9]{0,8})$/

/** In bytes; null where it is not for us to say. A request that says nothing has no body (RFC 9112 section 6.3). */
function lengthOfBody(headers: PlainHeaders): number | null {
  const { host, connection, 'content-length': length = '0' } = headers
  if (host === undefined || !LENGTH.test(length)) return null
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return null
  return BEYOND.every((name) => headers[name] === undefined) ? Number(length) : null
}
