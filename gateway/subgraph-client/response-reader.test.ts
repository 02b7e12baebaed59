import { request } from 'node:http'
import { Duplex } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { MalformedResponse } from './response-head.js'
import { ResponseReader, type WireResponse } from './response-reader.js'

/*
 * The oracle is Node's own client, fed the same bytes in the same pieces. Ours may refuse what Node's takes; what it takes,
 * Node's takes too, and reads the same.
 */

interface Seen {
  readonly status: number
  readonly type: string
  readonly body: string
}

const REFUSED = 'refused'
const UNFINISHED = 'unfinished'

const SEED = 20_261_121 // the same every time: 150,000 others were tried once
const MAXIMUM_BYTES = 5_000

function seenBy(pieces: readonly Buffer[]): Seen | typeof REFUSED | typeof UNFINISHED {
  const reader = new ResponseReader(MAXIMUM_BYTES)
  const seen = ({ head, body }: WireResponse): Seen => ({
    status: head.status,
    type: head.contentType,
    body: body.toString(),
  })
  try {
    for (const [index, piece] of pieces.entries()) {
      const lent = Buffer.from(piece)
      const response = reader.take(lent)
      lent.fill(0x58) // it was only lent
      if (response === null) continue
      return index === pieces.length - 1 ? seen(response) : REFUSED // the next piece would come unasked
    }
    const last = reader.end()
    return last === null ? UNFINISHED : seen(last)
  } catch (error) {
    if (error instanceof MalformedResponse) return REFUSED
    throw error
  }
}

function seenByNode(pieces: readonly Buffer[]): Promise<Seen | typeof REFUSED> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
    const asked = request({ createConnection: () => socket, method: 'POST', host: 'a' })
    const refuse = (): void => resolve(REFUSED)
    asked.on('error', refuse)
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', refuse)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    asked.on('close', () => setImmediate(refuse)) // an end comes after it
    asked.end('', () => {
      for (const piece of pieces) socket.push(piece)
      socket.push(null)
    })
  })
}

function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort((a, b) => a - b)
  return ends.flatMap((end, index) => {
    const piece = bytes.subarray(index === 0 ? 0 : ends[index - 1], end)
    return piece.length === 0 ? [] : [piece]
  })
}

const asBytes = (text: string): string => Buffer.from(text).toString('latin1')
const inChunks = (body: string, size: number, more = ''): string => {
  const parts = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size)
    parts.push(`${part.length.toString(16)}${more}\r\n${part}\r\n`)
  }
  return `${parts.join('')}0\r\n`
}

const bodies = fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 60 }).map(asBytes))
const plainHeaders = [
  'content-type: application/json',
  'Content-Type:application/graphql-response+json; charset=utf-8 ',
  'connection: keep-alive',
  'Keep-Alive: timeout=5',
  'x-empty:',
  'x-latin: \xe9',
  'date: Sat, 21 Nov 2026 12:00:00 GMT',
]
const starts = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 400 Bad Request',
  'HTTP/1.1 500 ',
  'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK',
)
const wellFormed = fc
  .record({
    start: starts,
    headers: fc.subarray(plainHeaders),
    body: bodies,
    framing: fc.constantFrom('length', 'chunks', 'chunks and more', 'close'),
    chunk: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ start, headers, body, framing, chunk }) => {
    const head = [start, ...headers]
    if (framing === 'length') return `${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`
    if (framing === 'close') return `${head.join('\r\n')}\r\n\r\n${body}`
    const withMore = framing === 'chunks and more'
    const chunks = inChunks(body, chunk, withMore ? ';a=b;c="d e"' : '')
    return `${[...head, 'transfer-encoding: Chunked'].join('\r\n')}\r\n\r\n${chunks}${withMore ? 'x-sum: 1\r\n' : ''}\r\n`
  })
const cuts = fc.array(fc.nat(2_000), { maxLength: 6 })

const odd = [
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\0',
  ':',
  ';',
  ',',
  '0',
  '1',
  'f',
  'chunked',
  '\r\n ',
  '\x80',
  '+',
  '-',
  'x',
]
const slightlyWrong = fc
  .tuple(
    wellFormed,
    fc.array(fc.tuple(fc.nat(2_000), fc.nat(3), fc.constantFrom(...odd)), { minLength: 1, maxLength: 3 }),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [place, removed, added]) => {
      const at = place % (changed.length + 1)
      return changed.slice(0, at) + added + changed.slice(at + removed)
    }, text),
  )

describe('a response', () => {
  it('is read the same however it is cut, and as Node reads it', async () => {
    await fc.assert(
      fc.asyncProperty(wellFormed, cuts, async (text, places) => {
        const pieces = cut(text, places)
        const seen = seenBy(pieces)
        expect(seen).toEqual(seenBy(cut(text, [])))
        expect(seen).toEqual(await seenByNode(pieces))
      }),
      { numRuns: 500, seed: SEED },
    )
  })

  it('that is slightly wrong is refused, or read as Node reads it', async () => {
    await fc.assert(
      fc.asyncProperty(slightlyWrong, cuts, async (text, places) => {
        const pieces = cut(text, places)
        const seen = seenBy(pieces)
        if (typeof seen === 'object') expect(seen).toEqual(await seenByNode(pieces))
      }),
      { numRuns: 2_000, seed: SEED },
    )
  })

  it('is read from single bytes', () => {
    const text = `HTTP/1.1 200 OK\r\ncontent-type: a\r\ntransfer-encoding: chunked\r\n\r\n${inChunks(asBytes('{"ü":1}'), 3)}\r\n`
    const seen = seenBy(
      cut(
        text,
        Array.from({ length: text.length }, (_, index) => index),
      ),
    )
    expect(seen).toEqual({ status: 200, type: 'a', body: '{"ü":1}' })
  })

  const ok = 'HTTP/1.1 200 OK\r\n'
  it.each([
    ['a folded header', `${ok}x: a\r\n b\r\ncontent-length: 0\r\n\r\n`],
    ['a space before a colon', `${ok}content-length : 0\r\n\r\n`],
    ['lines that end in LF', 'HTTP/1.1 200 OK\ncontent-length: 0\n\r\n\r\n'],
    ['a bare CR', `${ok}x: a\rb\r\ncontent-length: 0\r\n\r\n`],
    ['a NUL', `${ok}x: a\0\r\ncontent-length: 0\r\n\r\n`],
    ['two lengths', `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
    ['the same length twice', `${ok}content-length: 1\r\ncontent-length: 1\r\n\r\na`],
    ['a list of lengths', `${ok}content-length: 1, 1\r\n\r\na`],
    ['a length with a sign', `${ok}content-length: +1\r\n\r\na`],
    ['a length in hexadecimal', `${ok}content-length: 0x1\r\n\r\na`],
    ['a length and chunks', `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['another transfer encoding', `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a size of a chunk with a sign', `${ok}transfer-encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n`],
    ['no size of a chunk', `${ok}transfer-encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n`],
    ['a size beyond all measure', `${ok}transfer-encoding: chunked\r\n\r\nfffffffff\r\n`],
    ['a chunk longer than it says', `${ok}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`],
    ['chunk lines that end in LF', `${ok}transfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n`],
    ['a trailer that is none', `${ok}transfer-encoding: chunked\r\n\r\n0\r\nx\r\n\r\n`],
    ['an answer behind the answer', `${ok}content-length: 0\r\n\r\n${ok}content-length: 0\r\n\r\n`],
    ['bytes behind the last chunk', `${ok}transfer-encoding: chunked\r\n\r\n0\r\n\r\nx`],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'],
    ['HTTP/2', 'HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a head that is too large', `${ok}x: ${'a'.repeat(17_000)}`],
    ['a body that says it is too large', `${ok}content-length: ${MAXIMUM_BYTES + 1}\r\n\r\n`],
    [
      'a body that is too large in chunks',
      `${ok}transfer-encoding: chunked\r\n\r\n${inChunks('x'.repeat(6_000), 900)}\r\n`,
    ],
    ['a body that is too large until the end', `${ok}\r\n${'x'.repeat(6_000)}`],
    [
      'more between chunks than in them',
      `${ok}transfer-encoding: chunked\r\n\r\n${`1;a=${'b'.repeat(900)}\r\nx\r\n`.repeat(30)}`,
    ],
    ['a line between chunks without an end', `${ok}transfer-encoding: chunked\r\n\r\n1;a=${'b'.repeat(2_000)}`],
  ])('with %s is refused, whole or byte by byte', (_what, text) => {
    expect(seenBy(cut(text, []))).toBe(REFUSED)
    expect(
      seenBy(
        cut(
          text,
          Array.from({ length: text.length }, (_, index) => index),
        ),
      ),
    ).toBe(REFUSED)
  })
})
