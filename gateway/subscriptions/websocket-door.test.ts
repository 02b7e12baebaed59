import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type Client, type ClientOptions } from 'graphql-ws'
import { WebSocket } from 'ws'
import { AppError } from '../../platform/errors/app-error.js'
import { createLogger } from '../../platform/log/logger.js'
import { until } from '../../tests/support/until.js'
import { createScriptedPipeline, type ScriptedPipeline } from './fixtures/scripted-pipeline.js'
import { openSocketClient, type SocketClient } from './fixtures/socket-client.js'
import { attachWebSocketDoor, type WebSocketDoor } from './websocket-door.js'
import type { WebSocketLimits } from './websocket-limits.js'
import type { AuthenticateSocket } from './websocket-operations.js'

let server: Server
let door: WebSocketDoor
let script: ScriptedPipeline
let lines: string[]
let url: string
const clients: Client[] = []

const authenticate: AuthenticateSocket = async ({ authorization }) => {
  if (authorization === 'Bearer expired') throw new AppError('AUTH_TOKEN_EXPIRED')
  if (authorization === 'Bearer keys-away') throw new AppError('INT_EXTERNAL_SERVICE_ERROR')
  if (authorization === 'Bearer bug') throw new Error('undefined is not a function')
  const userId = authorization?.slice('Bearer '.length)
  const claims = { roles: [], permissions: new Set<string>(), expiresAtSeconds: 0, sessionId: 's', claims: {} }
  return {
    principal: userId === undefined ? null : { ...claims, userId },
    authorization: authorization ?? null,
    address: null,
  }
}

async function open(limits: Partial<WebSocketLimits> = {}): Promise<void> {
  server = createServer((_req, res) => res.end('http still answers'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  url = `ws://127.0.0.1:${address.port}/graphql`
  script = createScriptedPipeline()
  lines = []
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(line) },
  })
  const allowedOrigins = ['https://app.example.com']
  door = attachWebSocketDoor({
    server,
    path: '/graphql',
    pipeline: script.pipeline,
    authenticate,
    allowedOrigins,
    logger,
    limits,
  })
}

async function close(): Promise<void> {
  await Promise.all(clients.splice(0).map((client) => client.dispose()))
  await door.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

async function reopen(limits: Partial<WebSocketLimits>): Promise<void> {
  await close()
  await open(limits)
}

function connect(options: Partial<ClientOptions> = {}): Client {
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...options })
  clients.push(client)
  return client
}

async function all(query: string, client = connect(), variables?: Record<string, unknown>): Promise<unknown[]> {
  const results: unknown[] = []
  for await (const result of client.iterate({ query, ...(variables && { variables }) })) results.push(result)
  return results
}

async function acknowledged(): Promise<SocketClient> {
  const client = await openSocketClient(url)
  client.send({ type: 'connection_init' })
  expect(await client.next()).toEqual({ type: 'connection_ack' })
  return client
}

const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } })

beforeEach(() => open())
afterEach(close)

describe('operations through the WebSocket door', () => {
  it('are subscriptions, and queries and mutations as well', async () => {
    expect(await all('subscription { count }')).toEqual([
      { data: { count: 1 } },
      { data: { count: 2 } },
      { data: { count: 3 } },
    ])
    expect(await all('query ($say: String) { ping(say: $say) }', connect(), { say: 'hello' })).toEqual([
      { data: { ping: 'hello', user: null } },
    ])
    expect(await all('mutation { ping }')).toHaveLength(1)
  })

  it("are chosen by name, and those that can't be read are left to the pipeline to refuse", async () => {
    const client = connect()
    const query = 'query Ping { ping } subscription Count { count }'
    const named: unknown[] = []
    for await (const result of client.iterate({ query, operationName: 'Count' })) named.push(result)
    expect(named).toHaveLength(3)
    await expect(all('refused {{{')).rejects.toEqual([expect.objectContaining({ message: 'Refused.' })])
  })

  it('carry the caller of the connection and ids of their own', async () => {
    const client = connect({ connectionParams: { Authorization: 'Bearer ada' } })
    expect(await all('{ ping }', client)).toEqual([{ data: { ping: 'pong', user: 'ada' } }])
    await all('{ ping }', client)
    const [first, second] = script.requests.map(({ ids }) => ids)
    expect(first?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.requestId).not.toBe(first?.requestId)
    expect(script.contexts).toEqual([first, second])
  })

  it('may bring a token of their own where the connection has none, as GraphiQL does', async () => {
    const own = (query: string, authorization: string) => ({ query, extensions: { headers: { authorization } } })
    const first = async (client: Client, payload: { query: string }) => {
      for await (const result of client.iterate(payload)) return result
      return undefined
    }
    const user = (name: string) => ({ data: { ping: 'pong', user: name } })
    expect(await first(connect(), own('{ ping }', 'Bearer ada'))).toEqual(user('ada'))
    const signedIn = connect({ connectionParams: { authorization: 'Bearer ada' } })
    expect(await first(signedIn, own('{ ping }', 'Bearer eve'))).toEqual(user('ada'))
    await expect(first(connect(), own('{ ping }', 'Bearer expired'))).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'AUTH_TOKEN_EXPIRED' }) }),
    ])
  })

  it('end in an error message where nothing was executed, without what is meant for HTTP', async () => {
    for (const query of ['{ refused }', 'subscription { denied }']) {
      await expect(all(query)).rejects.toEqual([
        {
          message: 'Refused.',
          path: ['refused'],
          extensions: {
            code: expect.stringMatching(/VAL|RES/),
            traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
            timestamp: expect.any(String),
          },
        },
      ])
    }
    expect(await all('{ partial }')).toEqual([
      {
        data: { partial: null },
        errors: [{ message: 'Refused.', path: ['refused'], extensions: { code: 'SUBGRAPH_TIMEOUT' } }],
      },
    ])
  })

  it('end in the code of what broke them, and in a masked one where it is a bug', async () => {
    await expect(all('subscription { away }')).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'SUBSCRIPTION_SOURCE_UNAVAILABLE' }) }),
    ])
    const bug = await all('subscription { broken }').catch((errors: unknown) => errors)
    expect(JSON.stringify(bug)).toContain('INT_INTERNAL_ERROR')
    expect(JSON.stringify(bug)).not.toContain('10.0.0.7')
    expect(lines.join()).toContain('ECONNREFUSED')
  })

  it('are released when the client completes them, and when it goes away', async () => {
    const client = await acknowledged()
    client.send(subscribe('1', 'subscription { silent }'))
    client.send(subscribe('2', '{ hang }'))
    client.send(subscribe('3', 'subscription { silent }'))
    client.send(subscribe('4', '{ ping }'))
    expect(await client.next()).toMatchObject({ id: '4', type: 'next' })
    client.send({ id: '1', type: 'complete' })
    client.send({ id: '2', type: 'complete' })
    await script.released(2)
    client.socket.terminate()
    await script.released(3)
  })

  it('are limited in number, the others unharmed', async () => {
    await reopen({ maxOperations: 2 })
    const client = await acknowledged()
    for (const id of ['1', '2', '3']) client.send(subscribe(id, 'subscription { silent }'))
    expect(await client.next()).toMatchObject({
      id: '3',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMIT_EXCEEDED' } }],
    })
    client.send({ id: '1', type: 'complete' })
    await script.released(1)
    client.send(subscribe('4', 'subscription { count }'))
    expect(await client.next()).toMatchObject({ id: '4', type: 'next' })
  })
})

describe('the WebSocket door', () => {
  it.each([
    ['Bearer expired', 4403, 'AUTH_TOKEN_EXPIRED'],
    ['Bearer keys-away', 1013, 'INT_EXTERNAL_SERVICE_ERROR'],
    ['Bearer bug', 4500, 'INT_INTERNAL_ERROR'],
    [7, 4403, 'AUTH_TOKEN_INVALID'],
  ])('closes a connection whose authorization is %p with %i %s', async (authorization, code, reason) => {
    const client = await openSocketClient(url)
    client.send({ type: 'connection_init', payload: { authorization } })
    expect(await client.closed).toEqual({ code, reason })
  })

  it.each([
    ['text that is no JSON', 4400, ['nonsense']],
    ['an unknown type', 4400, [{ type: 'start' }]],
    ['a subscribe without a query', 4400, [{ type: 'connection_init' }, { id: '1', type: 'subscribe', payload: {} }]],
    ['a subscribe before the init', 4401, [subscribe('1', '{ ping }')]],
    ['a second init', 4429, [{ type: 'connection_init' }, { type: 'connection_init' }]],
    ['an id in use', 4409, [{ type: 'connection_init' }, subscribe('1', '{ hang }'), subscribe('1', '{ hang }')]],
    ['a message above the limit', 1009, ['x'.repeat(1_048_577)]],
  ])('closes a connection for %s with %i', async (_what, code, messages) => {
    const client = await openSocketClient(url)
    for (const message of messages) {
      client.send(message)
      if (typeof message === 'object' && message.type === 'connection_init' && code !== 4429) await client.next()
    }
    expect((await client.closed).code).toBe(code)
  })

  it('closes a connection for a binary message, for another protocol, and where no init comes', async () => {
    const binary = await openSocketClient(url)
    binary.socket.send(Buffer.from('{"type":"connection_init"}'))
    expect((await binary.closed).code).toBe(4400)
    const legacy = await openSocketClient(url, {}, [])
    expect((await legacy.closed).code).toBe(4406)
    await reopen({ initTimeoutMs: 20 })
    expect((await (await openSocketClient(url)).closed).code).toBe(4408)
  })

  it('lets in pages of its list, pages of its own on loopback, and clients that are no pages', async () => {
    const own = url.replace('ws:', 'http:').replace('/graphql', '')
    for (const origin of ['https://app.example.com', own, undefined]) {
      const client = await openSocketClient(url, origin === undefined ? {} : { origin })
      client.socket.close()
      await client.closed
    }
  })

  it.each(['https://evil.example', 'null', 'https://app.example.com.evil.example', 'http://localhost:1'])(
    'refuses a page of %s',
    async (origin) => {
      await expect(openSocketClient(url, { origin })).rejects.toThrow('403')
    },
  )

  it('does not take a rebound name for its own page', async () => {
    const headers = { host: 'rebound.example' }
    await expect(openSocketClient(url, { origin: 'http://rebound.example', headers })).rejects.toThrow('403')
  })

  it('refuses other paths and more connections than its limit, while HTTP goes on', async () => {
    await expect(openSocketClient(url.replace('/graphql', '/other'))).rejects.toThrow('404')
    await reopen({ maxSockets: 1 })
    await openSocketClient(url)
    await expect(openSocketClient(url)).rejects.toThrow('503')
    expect(await (await fetch(url.replace('ws:', 'http:'))).text()).toBe('http still answers')
  })

  it('drops a connection that does not answer pings, and keeps one that does', async () => {
    await reopen({ pingIntervalMs: 20 })
    const dead = await openSocketClient(url, { autoPong: false })
    const alive = await acknowledged()
    expect((await dead.closed).code).toBe(1006)
    alive.send(subscribe('1', '{ ping }'))
    expect(await alive.next()).toMatchObject({ id: '1', type: 'next' })
  })

  it('ends a stream that its client does not read, and releases its source', async () => {
    await reopen({ stallMs: 50 })
    const client = await acknowledged()
    client.send(subscribe('1', 'subscription { flood }'))
    await client.next()
    client.socket.pause()
    await script.released(1)
    client.socket.resume()
    let message = await client.next()
    while (Object(message).type === 'next') message = await client.next()
    expect(message).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ extensions: { code: 'SUBSCRIPTION_LAGGING' } }],
    })
    client.send(subscribe('2', '{ ping }'))
    expect(await client.next()).toMatchObject({ id: '2', type: 'next' })
  })

  it('cuts off a client that lets megabytes wait', async () => {
    await reopen({ maxBufferedBytes: 65_536 })
    const client = await acknowledged()
    client.socket.pause()
    for (let id = 0; id < 50; id += 1) client.send(subscribe(String(id), 'subscription { flood }'))
    await until(() => lines.join().includes('cut off'))
    client.socket.resume()
    expect((await client.closed).code).toBe(1006)
    await script.released(script.requests.length)
  })

  it('closes with 1012, everything released, and lets nobody in after', async () => {
    const client = await acknowledged()
    client.send(subscribe('1', 'subscription { silent }'))
    client.send(subscribe('2', '{ ping }'))
    await client.next()
    expect(door.size).toBe(1)
    const closing = door.close()
    await expect(openSocketClient(url)).rejects.toThrow('503')
    await closing
    expect(await client.closed).toEqual({ code: 1012, reason: 'Service restart' })
    await script.released(1)
    expect(door.size).toBe(0)
  })

  it('does not wait for ever for clients that ignore the closing handshake', async () => {
    await reopen({ closeGraceMs: 20 })
    const client = await acknowledged()
    client.socket.pause()
    await door.close()
    expect(door.size).toBeLessThanOrEqual(1)
    client.socket.resume()
    await client.closed
  })
})
