/**
 * The head of the one form of request the front door answers itself: a POST of JSON of a stated length to one path, in
 * HTTP/1.1 to the letter. In: bytes. Out: its headers as Node's own parser gives them, and where its body begins and ends. It
 * refuses to interpret: whatever two readers could read in two ways, or asks for more, is not plain and left to Node's parser.
 */
import { HEADER_LINES } from '../subgraph-client/response-head.js'

/** As in `IncomingMessage.headers`: names in small letters, none of them twice. */
export type PlainHeaders = Record<string, string>

export interface PlainHead {
  readonly headers: PlainHeaders
  /** Where the body begins, in bytes from the start of the request. */
  readonly bodyStart: number
  /** Where it ends. */
  readonly end: number
}

/** Undefined while the head may still become plain, null for one that is not. */
export type ReadPlainHead = (bytes: Buffer) => PlainHead | undefined | null

const HEAD_END = '\r\n\r\n'
const LONGEST_HEAD = 8 * 1_024 // half of what Node takes: what it refuses is Node's to refuse
const MOST_HEADERS = 100 // Node takes 2,000; the memory of a request is not for its sender to choose

/** `path` is the whole target of the request, without an authority or a query string. */
export function createPlainHeadReader(path: string, maximumBytes: number): ReadPlainHead {
  const start = `POST ${path} HTTP/1.1\r\n`
  return (bytes) => {
    const text = bytes.toString('latin1', 0, LONGEST_HEAD)
    if (!text.startsWith(start)) return start.startsWith(text) ? undefined : null
    const end = text.indexOf(HEAD_END, start.length - 2)
    if (end < 0) return text.length < LONGEST_HEAD ? undefined : null
    const lines = text.slice(start.length, end + 2)
    const headers = HEADER_LINES.test(lines) && !lines.includes('\t') ? readHeaders(lines) : null
    if (headers === null || !isPlain(headers)) return null
    const length = Number(headers['content-length'])
    const bodyStart = end + HEAD_END.length
    return length > maximumBytes ? null : { headers, bodyStart, end: bodyStart + length }
  }
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
const LENGTH = /^[1-9][0-9]{0,8}$/

function isPlain(headers: PlainHeaders): boolean {
  if (headers['host'] === undefined || !LENGTH.test(headers['content-length'] ?? '')) return false
  const { connection } = headers
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return false
  return BEYOND.every((name) => headers[name] === undefined)
}
