import { createServer, type IncomingHttpHeaders } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRequestHeadReader } from './request-head.js'

/*
 * The oracle is Node's own server, fed the same bytes. Ours may leave a request alone that Node's takes; what it takes, Node's
 * takes too, and reads the same: the requests ours sees are the first ones Node's sees.
 */

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const SEED = 20_261_123
const MAXIMUM_BYTES = 1_000
const readHead = createRequestHeadReader('/graphql', MAXIMUM_BYTES)

/** As the door reads them: one after the other until one is not plain, or not whole. */
function seenByUs(text: string): Seen[] {
  const seen: Seen[] = []
  let bytes = Buffer.from(text, 'latin1')
  for (;;) {
    const head = readHead(bytes)
    if (head === null || head === undefined || bytes.length < head.end) return seen
    const body = bytes.toString('latin1', head.bodyStart, head.end)
    const [, method, url] = /^(\w+) (\S+) /.exec(bytes.toString('latin1')) ?? []
    seen.push({ method, url, headers: head.headers, body })
    bytes = bytes.subarray(head.end)
  }
}

/** Those of which the body is whole, also where something that is none follows them. */
async function seenByNode(text: string): Promise<Seen[]> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (piece: string) => (body += piece))
    request.on('end', () => seen.push({ method, url, headers, body }))
    response.end()
  })
  server.on('clientError', () => undefined) // Node's own listener cuts off what came before
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  socket.on('error', () => undefined)
  server.emit('connection', socket)
  socket.push(Buffer.from(text, 'latin1'))
  for (let turn = 0; turn < 5; turn += 1) await setImmediate() // it is all there: nothing waits for the network
  socket.destroy()
  return seen
}

const names = fc.constantFrom(
  'accept',
  'Authorization',
  'x-forwarded-for',
  'X-Request-ID',
  'cookie',
  'user-agent',
  'keep-alive',
  "!#$%&'*+.^_`|~",
)
const values = fc.oneof(
  fc.constantFrom('', ' ', 'a', ' a b ', '\xe9\xff', '203.0.113.9, 10.0.0.1', '"a:b"'),
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 20,
  }),
)
const fields = fc
  .uniqueArray(names, { maxLength: 4, selector: (name) => name.toLowerCase() })
  .chain((chosen) => fc.tuple(...chosen.map((name) => values.map((value) => `${name}:${value}`))))
const bodies = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .map((text) => Buffer.from(text).toString('latin1'))
const simple = fc
  .record({
    start: fc.constantFrom('POST /graphql', 'POST /', 'GET /graphql?a=%20', 'OPTIONS /graphql', 'HEAD /x'),
    more: fields,
    body: bodies,
    host: fc.constantFrom('host: a', 'Host:a:8080', 'HOST: '),
    length: fc.constantFrom('content-length: ', 'Content-Length:', 'CONTENT-LENGTH:  '),
    connection: fc.constantFrom([], ['connection: keep-alive'], ['Connection:Keep-Alive']),
  })
  .map(({ start, more, body, host, length, connection }) =>
    [`${start} HTTP/1.1`, host, ...connection, ...more, `${length}${body.length}`, '', body].join('\r\n'),
  )

const odd = [
  ...['\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', '\0', '\x7f', ':', ',', '0', '1', '9', '-', '+', 'x', '\x80'],
  ...['close', 'chunked', '\r\n a', '\r\ntransfer-encoding: chunked', '\r\ncontent-length: 3', '\r\nupgrade: h2c'],
  ...[
    '\r\nexpect: 100-continue',
    '\r\nconnection: close',
    '\r\nproxy-connection: close',
    '\r\nhost: b',
    'GET ',
    'http://a',
  ],
  ...['\r\nset-cookie: a', '\r\nconnection: upgrade', '\r\ntrailer: x', '1.0', 'POST /graphql HTTP/1.1\r\n'],
]
const slightlyWrong = fc
  .tuple(
    fc.array(simple, { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(2_000), fc.nat(3), fc.constantFrom(...odd)), { minLength: 1, maxLength: 3 }),
  )
  .map(([texts, changes]) =>
    changes.reduce((changed, [place, removed, added]) => {
      const at = place % (changed.length + 1)
      return changed.slice(0, at) + added + changed.slice(at + removed)
    }, texts.join('')),
  )

describe('a simple request', () => {
  it('is read as Node reads it, and so are those behind it', async () => {
    let read = 0
    let written = 0
    await fc.assert(
      fc.asyncProperty(fc.array(simple, { minLength: 1, maxLength: 3 }), async (texts) => {
        const text = texts.join('')
        const [ours, nodes] = [seenByUs(text), await seenByNode(text)]
        expect(nodes.slice(0, ours.length)).toEqual(ours)
        read += ours.length
        written += texts.length
      }),
      { numRuns: 600, seed: SEED },
    )
    expect(read).toBe(written)
  })

  it('that is slightly wrong is left alone, or read as Node reads it', async () => {
    await fc.assert(
      fc.asyncProperty(slightlyWrong, async (text) => {
        const ours = seenByUs(text)
        if (ours.length > 0) expect((await seenByNode(text)).slice(0, ours.length)).toEqual(ours)
      }),
      { numRuns: 2_500, seed: SEED },
    )
  })

  it('is awaited at every byte of its head, and read the same with every byte behind it', () => {
    const text = 'POST /graphql HTTP/1.1\r\nhost: a\r\nx: \xe9\r\ncontent-length: 12\r\n\r\n{"query": 1}'
    const whole = readHead(Buffer.from(text, 'latin1'))
    expect(whole).toEqual({
      isPlain: true,
      headers: { host: 'a', x: '\xe9', 'content-length': '12' },
      bodyStart: text.length - 12,
      end: text.length,
    })
    for (let size = 0; size < text.length - 12; size += 1) {
      expect(readHead(Buffer.from(text.slice(0, size), 'latin1'))).toBeUndefined()
    }
    for (let size = text.length - 12; size < text.length; size += 1) {
      expect(readHead(Buffer.from(text.slice(0, size), 'latin1'))).toEqual(whole)
    }
  })
})

const start = 'POST /graphql HTTP/1.1\r\n'
const rest = 'host: a\r\ncontent-length: 1\r\n\r\n1'

describe('a request', () => {
  it.each([
    ['of a method that few know', `DELETE /graphql HTTP/1.1\r\n${rest}`],
    ['for a tunnel', `CONNECT a:80 HTTP/1.1\r\n${rest}`],
    ['to no path', `OPTIONS * HTTP/1.1\r\n${rest}`],
    ['to a whole address', `POST http://a/graphql HTTP/1.1\r\n${rest}`],
    ['in HTTP/1.0', `POST /graphql HTTP/1.0\r\n${rest}`],
    ['with two spaces', `POST  /graphql HTTP/1.1\r\n${rest}`],
    ['behind an empty line', `\r\n${start}${rest}`],
    ['with lines that end in LF', `${start}${rest}`.replaceAll('\r', '')],
    ['with a bare CR', `${start}x: a\rb\r\n${rest}`],
    ['with a NUL', `${start}x: a\0\r\n${rest}`],
    ['with a tab', `${start}x:\ta\r\n${rest}`],
    ['with a tab behind its length', `${start}host: a\r\ncontent-length: 1\t\r\n\r\n1`],
    ['with a folded header', `${start}x: a\r\n b\r\n${rest}`],
    ['with a space before a colon', `${start}x : a\r\n${rest}`],
    ['with a line that is no header', `${start}x\r\n${rest}`],
    ['with a header without a name', `${start}: a\r\n${rest}`],
    ['with a header twice', `${start}x: a\r\nX: b\r\n${rest}`],
    ['with a header that objects have by themselves', `${start}constructor: a\r\n${rest}`],
    ['with a header that objects keep to themselves', `${start}__proto__: a\r\n${rest}`],
    ['without a host', `${start}content-length: 1\r\n\r\n1`],
    ['with two hosts', `${start}host: b\r\n${rest}`],
    ['with two lengths', `${start}content-length: 1\r\n${rest}`],
    ['with a list of lengths', `${start}host: a\r\ncontent-length: 1, 1\r\n\r\n1`],
    ['with a length in hexadecimal', `${start}host: a\r\ncontent-length: 0x1\r\n\r\n1`],
    ['with a length and a sign', `${start}host: a\r\ncontent-length: +1\r\n\r\n1`],
    ['with a length that begins with 0', `${start}host: a\r\ncontent-length: 01\r\n\r\n1`],
    ['that is too long', `${start}host: a\r\ncontent-length: ${MAXIMUM_BYTES + 1}\r\n\r\n1`],
    ['with a length beyond all numbers', `${start}host: a\r\ncontent-length: ${'9'.repeat(30)}\r\n\r\n1`],
    ['in chunks', `${start}host: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n`],
    ['with a length and chunks', `${start}transfer-encoding: chunked\r\n${rest}`],
    ['with another transfer encoding', `${start}transfer-encoding: identity\r\n${rest}`],
    ['that waits for a word', `${start}expect: 100-continue\r\n${rest}`],
    ['that wants another protocol', `${start}connection: upgrade\r\nupgrade: websocket\r\n${rest}`],
    ['that wants another protocol without saying so', `${start}upgrade: h2c\r\n${rest}`],
    ['that is the last', `${start}connection: close\r\n${rest}`],
    ['that is the last for a proxy', `${start}proxy-connection: close\r\n${rest}`],
    ['with headers of its connection', `${start}connection: keep-alive, x\r\n${rest}`],
    ['with a trailer', `${start}trailer: x\r\n${rest}`],
    ['with a head that is long', `${start}x: ${'a'.repeat(8_200)}\r\n${rest}`],
    ['with a head without an end', `${start}x: ${'a'.repeat(9_000)}`],
    ['with many headers', `${start}${Array.from({ length: 101 }, (_, index) => `x${index}:\r\n`).join('')}${rest}`],
  ])("%s is Node's to read", (_what, text) => {
    expect(readHead(Buffer.from(text, 'latin1'))).toBeNull()
  })

  it.each([
    ['to the path with a body', `${start}${rest}`, true],
    ['to another path', `POST /graphql/ HTTP/1.1\r\n${rest}`, false],
    ['with a query string', `POST /graphql?a HTTP/1.1\r\n${rest}`, false],
    ['of another method', `GET /graphql HTTP/1.1\r\n${rest}`, false],
    ['without a length', `${start}host: a\r\n\r\n`, false],
    ['of no length', `${start}host: a\r\ncontent-length: 0\r\n\r\n`, false],
  ])('%s is plain, or only simple', (_what, text, isPlain) => {
    expect(readHead(Buffer.from(text, 'latin1'))).toMatchObject({ isPlain, end: text.length })
  })

  it('of which the first line can not become one is not waited for', () => {
    for (const text of ['G', 'GET', 'GET /', 'POST /gra', 'OPTIONS /x HTT', 'HEAD / HTTP/1.1\r']) {
      expect(readHead(Buffer.from(text))).toBeUndefined()
    }
    for (const text of ['X', 'get /', 'GET x', 'PRI * ', '\r\n', 'GET / HTTP/1.1\n\r\n', 'POST / HTTP/1.0\r\n']) {
      expect(readHead(Buffer.from(text))).toBeNull()
    }
  })
})
