import { createServer as createSecureServer } from 'node:https'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createSelfSignedCertificate } from '../../tests/support/self-signed-certificate.js'
import { createGate, until } from '../../tests/support/until.js'
import { AppError } from '../../platform/errors/app-error.js'
import { Departure, neverCancelled } from './cancellation.js'
import { ConnectionPool } from './connection-pool.js'
import { exchange, RequestAborted, type Outgoing } from './exchange.js'
import { RequestHeaders, requestStart, requestText } from './request-headers.js'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Asked {
  ask(body?: string, more?: Partial<Outgoing>): Promise<string>
  readonly pool: ConnectionPool
  /** Every connection that was ever made. */
  readonly sockets: Socket[]
}

async function listen(server: Server, scheme = 'http', trusted?: string): Promise<Asked> {
  const sockets: Socket[] = []
  server.on('connection', (socket) => void sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`)
  const pool = new ConnectionPool(url, { ...(trusted !== undefined && { ca: trusted }) })
  closers.push(() => new Promise((resolve) => server.close(() => resolve())))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
  })
  closers.push(() => pool.destroy())
  return { pool, sockets, ask: (body = '{}', more = {}) => askOver(pool, url, body, more) }
}

const headers = new RequestHeaders(['content-type', 'application/json', 'x-name', 'M\xfcller'])

function askOver(pool: ConnectionPool, url: URL, body: string, more: Partial<Outgoing>): Promise<string> {
  const outgoing = {
    text: requestText(requestStart(url), headers, body),
    repeatable: true,
    timeoutMs: 5_000,
    maxResponseBytes: 1_000_000,
    cancellation: neverCancelled,
    ...more,
  }
  return exchange(pool, outgoing, (type, text) => `${type} ${text}`)
}

/** Node's own server; it answers with what it was sent unless told otherwise. */
const serve = (listener: RequestListener = echo): Promise<Asked> => listen(createServer(listener))
/** A server that is a listener for bytes. */
const serveRaw = (onSocket: (socket: Socket) => void): Promise<Asked> => listen(createRawServer(onSocket))

function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = ''
  request.setEncoding('utf8').on('data', (text) => (body += text))
  request.on('end', () => response.setHeader('content-type', 'a').end(`${request.headers['x-name'] ?? ''} ${body}`))
}

const codeOf = (error: unknown): unknown => (error instanceof AppError ? error.code : error)
const refusal = (answer: Promise<string>): Promise<unknown> => answer.then((text) => `answered ${text}`, codeOf)
const PLAIN = 'HTTP/1.1 200 OK\r\ncontent-type: a\r\ncontent-length: 2\r\n\r\nok'

describe('an exchange', () => {
  it('carries text and headers byte for byte, short and long', async () => {
    const { ask } = await serve()
    for (const body of ['{}', '"üñí🙂"', 'x'.repeat(300_000), '🙂'.repeat(60_000)]) {
      expect(await ask(body)).toBe(`a M\xfcller ${body}`)
    }
  })

  it('uses one connection for what follows one another, and one each for what does not', async () => {
    const { ask, sockets } = await serve()
    for (let count = 0; count < 5; count += 1) await ask()
    expect(sockets).toHaveLength(1)
    await Promise.all(Array.from({ length: 5 }, () => ask()))
    expect(sockets).toHaveLength(5)
  })

  it('opens no more connections than 256, and lets the rest wait', async () => {
    const held: ServerResponse[] = []
    const all = createGate()
    const { ask, sockets } = await serve((_request, response) => {
      if (held.length === 256) response.end()
      else if (held.push(response) === 256) all.open()
    })
    const answers = Promise.all(Array.from({ length: 300 }, () => ask()))
    await all.opened
    for (const response of held) response.end()
    expect(await answers).toHaveLength(300)
    expect(sockets).toHaveLength(256)
  })

  it.each<[string, RequestListener]>([
    ['in chunks', (_, res) => void (res.write('o'), res.end('k'))],
    ['until the connection ends', (_, res) => void res.socket?.end('HTTP/1.1 200 OK\r\n\r\nok')],
    ['compressed by gzip', (_, res) => void res.setHeader('content-encoding', 'gzip').end(gzipSync('ok'))],
    ['compressed by deflate', (_, res) => void res.setHeader('content-encoding', 'deflate').end(deflateSync('ok'))],
    ['compressed by Brotli', (_, res) => void res.setHeader('content-encoding', 'br').end(brotliCompressSync('ok'))],
    ['after an early hint', (_, res) => void (res.writeProcessing(), res.end('ok'))],
  ])('takes an answer %s', async (_what, listener) => {
    const { ask } = await serve(listener)
    expect(await ask()).toBe(' ok')
  })

  it.each<[string, RequestListener]>([
    ['an unknown encoding', (_, res) => void res.setHeader('content-encoding', 'zstd2').end('ok')],
    ['an encoding it does not have', (_, res) => void res.setHeader('content-encoding', 'gzip').end('ok')],
    ['more than fits', (_, res) => void res.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(2e6)))],
    ['no HTTP', (_, res) => void res.socket?.end('hello\r\n\r\n')],
  ])('refuses an answer with %s', async (_what, listener) => {
    const { ask } = await serve(listener)
    expect(await refusal(ask())).toBe('SUBGRAPH_BAD_RESPONSE')
  })

  it('does not use a connection again that is to be closed', async () => {
    const { ask, sockets } = await serve((_, res) => void res.setHeader('connection', 'close').end())
    await ask()
    await ask()
    expect(sockets).toHaveLength(2)
  })

  it('does not let what comes unasked become the answer to the next', async () => {
    const { ask, sockets } = await serveRaw((socket) => {
      socket.on('data', () => socket.write(PLAIN))
    })
    expect(await ask()).toBe('a ok')
    const [first] = sockets
    first?.write(PLAIN.replace('ok', 'no'))
    await until(() => first?.destroyed === true)
    expect(await ask()).toBe('a ok')
    expect(sockets).toHaveLength(2)
  })

  it('gives up a subgraph that is silent, or trickles, in time', async () => {
    const { ask, sockets } = await serveRaw((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1'))
    })
    expect(await refusal(ask('{}', { timeoutMs: 30 }))).toBe('SUBGRAPH_TIMEOUT')
    await until(() => sockets[0]?.destroyed === true)
  })

  it('ends with its client, whether it is under way or not', async () => {
    const asked = createGate()
    const { ask, sockets } = await serveRaw((socket) => void socket.on('data', asked.open))
    const client = new Departure()
    const answer = ask('{}', { cancellation: client }).catch((error: unknown) => error)
    await asked.opened
    client.leave()
    expect(await answer).toBeInstanceOf(RequestAborted)
    await until(() => sockets[0]?.destroyed === true)
    await expect(ask('{}', { cancellation: client })).rejects.toBeInstanceOf(RequestAborted)
  })

  it('fails where nobody listens', async () => {
    const { ask } = await serve()
    await closers.splice(0, 1)[0]?.()
    expect(await refusal(ask())).toBe('SUBGRAPH_UNAVAILABLE')
  })

  it('fails with its pool', async () => {
    const asked = createGate()
    const { ask, pool } = await serveRaw((socket) => void socket.on('data', asked.open))
    const answer = refusal(ask())
    await asked.opened
    pool.destroy()
    expect(await answer).toBe('SUBGRAPH_UNAVAILABLE')
  })

  it('fails with its pool on a connection that has served others too, and is not sent again', async () => {
    const asked = createGate()
    const { ask, pool, sockets } = await serveRaw((socket) => {
      let count = 0
      socket.on('data', () => (count++ === 0 ? socket.write(PLAIN) : asked.open()))
    })
    await ask()
    const answer = refusal(ask())
    await asked.opened
    pool.destroy()
    expect(await answer).toBe('SUBGRAPH_UNAVAILABLE')
    expect(await refusal(ask())).toBe('SUBGRAPH_UNAVAILABLE')
    expect([pool.connections, sockets.length]).toEqual([0, 1])
  })

  it('comes to its end when its pool is no longer needed', async () => {
    const asked = createGate()
    const goOn = createGate()
    const { ask, pool, sockets } = await serve((_, res) => {
      asked.open()
      void goOn.opened.then(() => res.end('ok'))
    })
    const answer = ask()
    await asked.opened
    pool.close()
    goOn.open()
    expect(await answer).toBe(' ok')
    await until(() => sockets[0]?.destroyed === true)
  })
})

describe('an exchange over TLS', () => {
  it('is the same', async () => {
    const certificate = createSelfSignedCertificate()
    const { ask, sockets } = await listen(createSecureServer(certificate, echo), 'https', certificate.cert)
    for (const body of ['{}', '🙂'.repeat(60_000)]) expect(await ask(body)).toBe(`a M\xfcller ${body}`)
    expect(sockets).toHaveLength(1)
  })

  it('fails where nobody vouches for the server', async () => {
    const { ask } = await listen(createSecureServer(createSelfSignedCertificate(), echo), 'https')
    expect(await refusal(ask())).toBe('SUBGRAPH_UNAVAILABLE')
  })
})

describe('a connection that was kept', () => {
  /** Answers the first request of each connection, and does something else with the second. */
  const serveOnce = (second: (socket: Socket) => void): Promise<Asked> =>
    serveRaw((socket) => {
      let count = 0
      socket.on('data', () => (count++ === 0 ? socket.write(PLAIN) : second(socket)))
    })

  it('and is closed when it is used is used no more: what may be repeated is', async () => {
    const { ask, sockets } = await serveOnce((socket) => socket.destroy())
    await ask()
    expect(await ask()).toBe('a ok')
    expect(sockets).toHaveLength(2)
    expect(await refusal(ask('{}', { repeatable: false }))).toBe('SUBGRAPH_UNAVAILABLE')
  })

  it('and is closed in mid-answer fails what it carries', async () => {
    const { ask, sockets } = await serveOnce((socket) => void socket.end('HTTP/1.1 2'))
    await ask()
    expect(await refusal(ask())).toBe('SUBGRAPH_UNAVAILABLE')
    expect(sockets).toHaveLength(1)
  })

  it('and was never used before is not tried again', async () => {
    const { ask, sockets } = await serveRaw((socket) => void socket.on('data', () => socket.destroy()))
    expect(await refusal(ask())).toBe('SUBGRAPH_UNAVAILABLE')
    expect(sockets).toHaveLength(1)
  })

  it('is given up before its server does it, by what the server says of it', async () => {
    const { ask, sockets } = await serveRaw((socket) => {
      socket.on('data', () => socket.write(PLAIN.replace('\r\n\r\n', '\r\nkeep-alive: timeout=1\r\n\r\n')))
    })
    await ask()
    await ask()
    expect(sockets).toHaveLength(2)
  })

  it('is used no more from the turn on in which its server says goodbye', async () => {
    const { ask, sockets } = await serveRaw((socket) => void socket.on('data', () => socket.write(PLAIN)))
    await ask()
    await setImmediate()
    sockets[0]?.end()
    await setImmediate() // what the server said has been read, what the socket says to that not yet written
    expect(await ask('{}', { repeatable: false })).toBe('a ok')
    expect(sockets).toHaveLength(2)
  })

  it('is noticed to be closed while nothing is asked', async () => {
    const { ask, pool, sockets } = await serve()
    await ask()
    sockets[0]?.destroy()
    await until(() => pool.connections === 0)
    await ask('{}', { repeatable: false })
    expect(sockets).toHaveLength(2)
  })
})
