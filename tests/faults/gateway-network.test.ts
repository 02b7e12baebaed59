import type { ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { breakAnswers, shakyGraph } from '../support/shaky-graph.js'
import { startTestGateway, type TestGateway } from '../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../support/test-subgraphs.js'
import { until } from '../support/until.js'

/* What a subgraph, its network or a machine in between can do to an answer, one at a time. */

const TIMEOUT_MS = 400
const LIMIT_BYTES = 10 * 1024 * 1024
const GOOD = JSON.stringify({ data: { shaky: { text: 'whole' } } })
const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

let graph: TestGraph
let gateway: TestGateway
let elsewhere: Server
let visits = 0
const timers = new Set<NodeJS.Timeout>()

beforeAll(async () => {
  graph = await startTestSubgraphs(shakyGraph)
  gateway = await startTestGateway(graph.supergraph, {
    environment: { GATEWAY_SUBGRAPH_TIMEOUT_MS: `${TIMEOUT_MS}` },
  })
  elsewhere = createServer((_req, res) => {
    visits += 1
    res.setHeader('content-type', 'application/json').end(GOOD)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => elsewhere.once('listening', resolve))
})
afterEach(() => {
  for (const timer of timers) clearInterval(timer)
  timers.clear()
  graph.subgraph('shaky').reset()
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
  elsewhere.closeAllConnections()
  await new Promise((resolve) => elsewhere.close(resolve))
})

/** Bytes as they are, past node:http, which would put them right. */
const raw = (res: ServerResponse, bytes: string | Buffer) => void res.socket?.write(bytes)
const cut = (res: ServerResponse, bytes: string) => void res.socket?.end(bytes, () => res.socket?.destroy())

/** A piece every few milliseconds for as long as anybody listens. */
function trickle(res: ServerResponse, write: () => void): void {
  const timer = setInterval(write, 10)
  timers.add(timer)
  res.socket?.once('close', () => clearInterval(timer))
}

function redirect(status: number) {
  return (res: ServerResponse) => {
    const { port } = elsewhere.address() as AddressInfo
    res.writeHead(status, { location: `http://127.0.0.1:${port}/graphql` }).end()
  }
}

const answer =
  (type: string | undefined, body: string | Buffer, status = 200) =>
  (res: ServerResponse) =>
    void res.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body)

const UNAVAILABLE = ['SUBGRAPH_UNAVAILABLE']
const TIMEOUT = ['SUBGRAPH_TIMEOUT']
const BAD = ['SUBGRAPH_BAD_RESPONSE']
const NOT_HTTP = ['SUBGRAPH_BAD_RESPONSE', 'SUBGRAPH_UNAVAILABLE'] // what is not HTTP may be told either way

const faults: [string, readonly string[], (res: ServerResponse) => void][] = [
  ['closes the connection without a byte', UNAVAILABLE, (res) => void res.destroy()],
  ['resets the connection', UNAVAILABLE, (res) => void res.socket?.resetAndDestroy()],
  ['is cut off in the status line', NOT_HTTP, (res) => cut(res, 'HTTP/1.1 20')],
  ['is cut off in the headers', NOT_HTTP, (res) => cut(res, 'HTTP/1.1 200 OK\r\ncontent-ty')],
  ['is cut off after the headers', UNAVAILABLE, (res) => cut(res, `${JSON_HEAD}content-length: 99\r\n\r\n`)],
  ['is cut off in the body', UNAVAILABLE, (res) => cut(res, `${JSON_HEAD}content-length: 99\r\n\r\n{"data":{"sha`)],
  [
    'is cut off in a chunk',
    UNAVAILABLE,
    (res) => cut(res, `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n40\r\n{"data":`),
  ],
  [
    'is cut off between chunks, where the answer seems whole',
    UNAVAILABLE,
    (res) => cut(res, `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n${GOOD.length.toString(16)}\r\n${GOOD}\r\n`),
  ],
  ['hangs', TIMEOUT, () => undefined],
  [
    'hangs after the headers',
    TIMEOUT,
    (res) => res.writeHead(200, { 'content-type': 'application/json' }).flushHeaders(),
  ],
  [
    'trickles its headers',
    TIMEOUT,
    (res) => (raw(res, JSON_HEAD), trickle(res, () => raw(res, 'x-more: and more\r\n'))),
  ],
  [
    'trickles its body',
    TIMEOUT,
    (res) => (res.writeHead(200, { 'content-type': 'application/json' }), trickle(res, () => void res.write(' '))),
  ],
  ['sends a megabyte of headers', NOT_HTTP, (res) => raw(res, `${JSON_HEAD}x-long: ${'x'.repeat(1_000_000)}\r\n\r\n`)],
  ['sends more than may be', BAD, answer('application/json', `{"data":"${'x'.repeat(LIMIT_BYTES)}"}`)],
  [
    'sends without an end',
    BAD,
    (res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      const block = ' '.repeat(256 * 1024)
      const pour = (): void => {
        while (res.socket !== null && !res.socket.destroyed && res.write(block));
      }
      res.on('drain', pour)
      pour()
    },
  ],
  ['does not speak HTTP', NOT_HTTP, (res) => cut(res, 'SSH-2.0-OpenSSH_9.6\r\n')],
  [
    'tells two lengths',
    NOT_HTTP,
    (res) => raw(res, `${JSON_HEAD}content-length: 5\r\ncontent-length: ${GOOD.length}\r\n\r\n${GOOD}`),
  ],
  [
    'tells a length and chunks',
    NOT_HTTP,
    (res) => raw(res, `${JSON_HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${GOOD}`),
  ],
  [
    'announces chunks that are none',
    NOT_HTTP,
    (res) => raw(res, `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n${GOOD}\r\n`),
  ],
  ['redirects for good', BAD, redirect(301)],
  ['redirects for now', BAD, redirect(307)],
  ['answers an HTML page', BAD, answer('text/html', '<h1>502 Bad Gateway</h1> nginx at 10.0.0.7', 502)],
  ['answers JSON as a page', BAD, answer('text/html', GOOD)],
  ['answers without a content type', BAD, answer(undefined, GOOD)],
  ['answers a part of a multipart answer', BAD, answer('multipart/mixed; boundary="-"', `---\r\n\r\n${GOOD}\r\n-----`)],
  ['answers nothing', BAD, answer('application/json', '')],
  ['answers 204', BAD, (res) => void res.writeHead(204).end()],
  ['answers broken JSON', BAD, answer('application/json', '{"data":{"shaky":{"text":"sec')],
  ['answers JSON and more', BAD, answer('application/json', `${GOOD}${GOOD}`)],
  ['answers in UTF-16', BAD, answer('application/json; charset=utf-16le', Buffer.from(GOOD, 'utf16le'))],
  ['answers null', BAD, answer('application/json', 'null')],
  ['answers a list', BAD, answer('application/json', `[${GOOD}]`)],
  ['answers text', BAD, answer('application/json', '"data"')],
  ['answers neither data nor errors', BAD, answer('application/json', '{}')],
  ['answers null for data', BAD, answer('application/json', '{"data":null}')],
  ['answers a list for data', BAD, answer('application/json', '{"data":[{"shaky":null}]}')],
  ['answers text for errors', BAD, answer('application/json', '{"data":null,"errors":"no"}')],
]

const expectedRest = { steady: 'steady', robust: 'robust' }

describe('a subgraph that', () => {
  it.each(faults)('%s costs its own field alone, for as long as it does', async (_what, codes, fault) => {
    breakAnswers(graph, (_asked, res) => fault(res))
    const around = Array.from({ length: 4 }, () => gateway.ask('{ robust steady }'))
    const { status, data, errors = [] } = await gateway.ask('{ steady shaky { text } }')
    expect([status, data]).toEqual([200, { steady: 'steady', shaky: null }])
    expect(errors).toHaveLength(1)
    expect(errors[0]?.path).toEqual(['shaky'])
    expect(codes).toContain(errors[0]?.extensions.code)
    expect(errors[0]?.extensions.service).toBe('shaky')
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|10\.0\.0\.7|ECONN|socket|nginx|JSON at|at position/)
    for (const answered of await Promise.all(around)) {
      expect([answered.data, answered.errors]).toEqual([expectedRest, undefined])
    }
    graph.subgraph('shaky').reset()
    expect((await gateway.ask('{ shaky { text } robust steady }')).data).toEqual({
      ...expectedRest,
      shaky: { text: 'whole' },
    })
  })

  it('redirects is not followed', () => expect(visits).toBe(0))

  it('answers in an unusual way that is right is understood', async () => {
    for (const head of [
      `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${JSON_HEAD}content-length: ${GOOD.length}\r\n\r\n`,
      `${JSON_HEAD}connection: close\r\n\r\n`,
      `HTTP/1.0 200 OK\r\nContent-Type: application/graphql-response+json\r\n\r\n`,
      `HTTP/1.1 500 Oh\r\ncontent-type: application/json;charset=UTF-8\r\ncontent-length: ${GOOD.length}\r\n\r\n`,
    ]) {
      breakAnswers(graph, (_asked, res) => cut(res, `${head}${GOOD}`))
      expect((await gateway.ask('{ shaky { text } }')).data).toEqual({ shaky: { text: 'whole' } })
    }
  })

  it('answers ten million bytes is heard to the end', async () => {
    const text = 'é'.repeat(5_000_000)
    breakAnswers(graph, (_asked, res) => answer('application/json', JSON.stringify({ data: { shaky: { text } } }))(res))
    const { data } = await gateway.ask('{ shaky { text } }')
    expect(Reflect.get(Object(data?.['shaky']), 'text') === text).toBe(true)
  })

  it('sends more than it announced does not answer the next request with it', async () => {
    const forged = `${JSON_HEAD}content-length: 33\r\n\r\n{"data":{"robust":"of another's"}}`
    breakAnswers(graph, (_asked, res) => raw(res, `${JSON_HEAD}content-length: ${GOOD.length}\r\n\r\n${GOOD}${forged}`))
    for (let round = 0; round < 20; round += 1) {
      await gateway.ask('{ shaky { text } }')
      expect((await gateway.ask('{ robust }')).data).toEqual({ robust: 'robust' })
    }
  })
})

describe('a storm of faults', () => {
  it('leaves no connection behind, and no request waiting', async () => {
    const shaky = graph.subgraph('shaky')
    const quick = faults.filter(([, codes]) => codes !== TIMEOUT)
    let turn = 0
    breakAnswers(graph, (_asked, res) => quick[turn++ % quick.length]?.[2](res))
    const ask = async () => {
      for (let round = 0; round < 20; round += 1) {
        const { data } = await gateway.ask('{ steady robust shaky { text } }')
        expect(data).toMatchObject({ steady: 'steady', shaky: null })
      }
    }
    await Promise.all(Array.from({ length: 8 }, ask))
    expect(turn).toBeGreaterThanOrEqual(160)
    await until(async () => (await shaky.connections()) <= 16) // two fetches at a time for each of the eight
  })

  it('ends with the gateway', async () => {
    const own = await startTestGateway(graph.supergraph, {
      environment: { GATEWAY_SUBGRAPH_TIMEOUT_MS: `${TIMEOUT_MS}` },
    })
    const before = await graph.subgraph('shaky').connections()
    breakAnswers(graph, () => undefined)
    const asked = own.ask('{ shaky { text } }').catch(() => null)
    await until(async () => (await graph.subgraph('shaky').connections()) > before)
    await own.close()
    await asked
    await until(async () => (await graph.subgraph('shaky').connections()) <= before)
  })
})
