import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Client } from 'graphql-ws'
import { until } from '../../../tests/support/until.js'
import { messageAt, messageWithoutCursor, refusal, TAIL } from './fixtures/scripted-live.js'
import { openTestDoor, type TestDoor } from './fixtures/open-door.js'
import type { WebSocketLimits } from './websocket-limits.js'

let test: TestDoor

async function reopen(limits: Partial<WebSocketLimits>): Promise<void> {
  await test.close()
  test = await openTestDoor(limits)
}

async function all(query: string, client: Client = test.connect(), variables?: Record<string, unknown>) {
  const results: unknown[] = []
  for await (const result of client.iterate({ query, ...(variables && { variables }) })) results.push(result)
  return results
}

const subscribe = (id: string, query: string, more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
})
const subscription = (id: string, more: object = {}) => subscribe(id, 'subscription { count }', more)
const live = (index = 0) => {
  const operation = test.live.operations[index]
  if (operation === undefined) throw new Error('no such operation')
  return operation
}

beforeEach(async () => void (test = await openTestDoor()))
afterEach(() => test.close())

describe('queries and mutations over a WebSocket', () => {
  it('are answered, with ids and a context of their own', async () => {
    const client = test.connect({ connectionParams: { Authorization: 'Bearer ada' } })
    expect(await all('query ($say: String) { ping(say: $say) }', client, { say: 'hello' })).toEqual([
      { data: { ping: 'hello', user: 'ada' } },
    ])
    expect(await all('mutation { ping }', client)).toHaveLength(1)
    const [first, second] = test.pipeline.requests.map(({ ids }) => ids)
    expect(first?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.requestId).not.toBe(first?.requestId)
    expect(test.pipeline.contexts).toEqual([first, second])
  })

  it('come in parts with @defer, each once what came before is read', async () => {
    expect(await all('{ deferred }')).toEqual([
      { data: { first: 1 }, hasNext: true },
      { incremental: [{ data: { deferred: '~~~~' }, path: [] }], hasNext: false },
    ])
    const client = await test.admitted()
    client.socket.pause()
    client.send(subscribe('1', '{ flood }'))
    await until(() => test.pipeline.parts() > 1)
    const asked = test.pipeline.parts()
    expect(asked).toBeLessThan(100) // what a kernel takes, and not more
    client.socket.resume()
    await until(() => test.pipeline.parts() > asked)
    client.send({ id: '1', type: 'complete' })
    await test.pipeline.released(1)
  })

  it('end in an error message where nothing was executed, without what is meant for HTTP', async () => {
    await expect(all('{ refused }')).rejects.toEqual([
      {
        message: 'Refused.',
        path: ['refused'],
        extensions: {
          code: 'VAL_VALIDATION_FAILED',
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
          timestamp: expect.any(String),
        },
      },
    ])
    expect(await all('{ partial }')).toEqual([
      {
        data: { partial: null },
        errors: [{ message: 'Refused.', path: ['refused'], extensions: { code: 'SUBGRAPH_TIMEOUT' } }],
      },
    ])
  })

  it('mask what is a bug', async () => {
    const bug = await all('{ broken }').catch((errors: unknown) => errors)
    expect(JSON.stringify(bug)).toContain('INT_INTERNAL_ERROR')
    expect(JSON.stringify(bug)).not.toContain('10.0.0.7')
    expect(test.log()).toContain('ECONNREFUSED')
  })

  it('are aborted when the client completes them, and when it goes away', async () => {
    const client = await test.admitted()
    client.send(subscribe('1', '{ hang }'))
    client.send(subscribe('2', '{ hang }'))
    client.send({ id: '1', type: 'complete' })
    await test.pipeline.released(1)
    client.socket.terminate()
    await test.pipeline.released(2)
  })
})

describe('subscriptions over a WebSocket', () => {
  it('are begun with all the client says, and known by their name among other operations', async () => {
    const client = await test.admitted('Bearer ada', { headers: { 'x-labels': 'beta' } })
    const query = 'query Ping { ping } subscription Count { count }'
    client.send(
      subscribe('1', query, {
        operationName: 'Count',
        variables: { a: 1 },
        extensions: { cursor: '7.mark.binding' },
      }),
    )
    await until(() => test.live.operations.length === 1)
    const { request } = live()
    expect(request).toMatchObject({ query, operationName: 'Count', variables: { a: 1 }, cursor: '7.mark.binding' })
    expect(request.caller.principal?.userId).toBe('ada')
    expect(request.headers).toEqual(expect.objectContaining({ 'x-labels': 'beta' }))
    expect(Object.keys(request.headers ?? {}).filter((name) => name.startsWith('sec-'))).toEqual([])
    client.send(subscribe('2', query, { operationName: 'Ping' }))
    expect(await client.next()).toMatchObject({ id: '2', type: 'next' })
  })

  it('pass on what the hub has made, whatever its size and its id', async () => {
    const client = await test.admitted()
    const id = '"\\ \u{1F600}é'
    client.send(subscription(id))
    await until(() => test.live.operations.length === 1)
    for (const size of [0, 10, 60, 126, 65_400, 65_536, 200_000]) {
      const data = { text: 'é'.repeat(size) }
      expect(live().sink.next(messageAt(size, data), TAIL)).toBe(true)
      expect(await client.next()).toEqual({
        id,
        type: 'next',
        payload: { data, extensions: { cursor: `${size}.mark.binding` } },
      })
    }
    live().sink.next(messageWithoutCursor({ count: 1 }), '')
    expect(await client.next()).toEqual({ id, type: 'next', payload: { data: { count: 1 } } })
    live().sink.complete()
    expect(await client.next()).toEqual({ id, type: 'complete' })
  })

  it('keep their order among answers to other operations', async () => {
    const client = await test.admitted()
    client.send(subscription('1'))
    await until(() => test.live.operations.length === 1)
    for (let count = 0; count < 300; count += 1) live().sink.next(messageWithoutCursor({ count }), '')
    client.send(subscribe('2', '{ ping }'))
    await until(() => test.pipeline.requests.length === 1)
    live().sink.next(messageWithoutCursor({ count: 300 }), '')
    const counts: unknown[] = []
    while (counts.length < 301) {
      const message = Object(await client.next())
      if (message.id === '1') counts.push(message.payload.data.count)
    }
    expect(counts).toEqual(Array.from({ length: 301 }, (_, count) => count))
  })

  it('end with the last word of the hub, even before they began, and free their id', async () => {
    const client = await test.admitted()
    client.send(subscribe('1', 'subscription { refused }'))
    expect(await client.next()).toEqual({ id: '1', type: 'error', payload: [refusal('AUTHZ_FORBIDDEN')] })
    client.send(subscription('1'))
    await until(() => test.live.operations.length === 2)
    live(1).sink.error([refusal('SUBSCRIPTION_LAGGING')])
    expect(await client.next()).toEqual({ id: '1', type: 'error', payload: [refusal('SUBSCRIPTION_LAGGING')] })
    client.send(subscribe('1', '{ ping }'))
    expect(await client.next()).toMatchObject({ id: '1', type: 'next' })
    client.socket.close()
    await client.closed
    await until(() => test.door.size === 0)
    expect(live(0).isClosed() || live(1).isClosed()).toBe(false) // both had ended
  })

  it('are closed when the client completes them, and when it goes away', async () => {
    const client = await test.admitted()
    client.send(subscription('1'))
    client.send(subscription('2'))
    client.send({ id: '1', type: 'complete' })
    client.send({ id: 'unknown', type: 'complete' })
    await until(() => test.live.operations.length === 2 && live().isClosed())
    expect(live(1).isClosed()).toBe(false)
    client.socket.terminate()
    await until(() => live(1).isClosed())
    expect(live(1).sink.next(messageWithoutCursor({}), '')).toBe(false) // and harms nobody
  })

  it('hold back for a client that reads slowly, and go on when it has read', async () => {
    await reopen({ maxBufferedBytes: 65_536 })
    const client = await test.admitted()
    const other = await test.admitted()
    client.send(subscription('slow'))
    await until(() => test.live.operations.length === 1)
    other.send(subscription('fast'))
    await until(() => test.live.operations.length === 2)
    client.socket.pause()
    const message = messageWithoutCursor({ text: '~'.repeat(10_000) })
    let taken = 0
    while (live().sink.next(message, '')) taken += 1
    expect(live(1).sink.next(message, '')).toBe(true)
    expect(live().drains()).toBe(0)
    client.socket.resume()
    await until(() => live().drains() === 1)
    for (let count = 0; count <= taken; count += 1) expect(await client.next()).toMatchObject({ id: 'slow' })
    expect(live().sink.next(message, '')).toBe(true)
  })

  it('are told where they begin in a ping, if they ask for it by a name', async () => {
    const client = await test.admitted()
    client.send(subscription('1'))
    await until(() => test.live.operations.length === 1)
    expect(live().sink.begun).toBeUndefined()
    client.send(subscription('2', { extensions: { beginning: 'mine' } }))
    await until(() => test.live.operations.length === 2)
    live(1).sink.begun?.('6.mark.binding')
    expect(await client.next()).toEqual({ type: 'ping', payload: { beginning: 'mine', cursor: '6.mark.binding' } })
  })

  it('are refused a cursor that is none, rather than begun elsewhere', async () => {
    const client = await test.admitted()
    for (const cursor of [7, {}, ['x'], 'x'.repeat(2_000)]) {
      client.send(subscription('1', { extensions: { cursor } }))
      expect(await client.next()).toMatchObject({
        id: '1',
        type: 'error',
        payload: [{ extensions: { code: 'CURSOR_INVALID', traceId: expect.any(String) } }],
      })
    }
    client.send(subscription('1', { extensions: { cursor: null } }))
    await until(() => test.live.operations.length === 1)
    expect(live().request.cursor).toBeNull()
  })
})

describe('the protocol on a WebSocket', () => {
  it('answers pings, of either kind, at any time, with what they carried', async () => {
    const client = await test.socket()
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
    client.send({ type: 'ping', payload: { mine: [1] } })
    expect(await client.next()).toEqual({ type: 'pong', payload: { mine: [1] } })
    client.send({ type: 'pong' })
    const answered = new Promise<unknown>((resolve) => client.socket.once('pong', resolve))
    client.socket.ping('frame')
    expect(String(await answered)).toBe('frame')
    client.send({ type: 'connection_init' })
    expect(await client.next()).toEqual({ type: 'connection_ack' })
  })

  it.each([
    ['text that is no JSON', 4400, ['nonsense']],
    ['an unknown type', 4400, [{ type: 'start' }]],
    ['what only a server says', 4400, [{ type: 'connection_ack' }]],
    ['an answer', 4400, [{ type: 'connection_init' }, { id: '1', type: 'next', payload: {} }]],
    ['no object', 4400, ['[]']],
    ['null', 4400, ['null']],
    ['a subscribe without a query', 4400, [{ type: 'connection_init' }, { id: '1', type: 'subscribe', payload: {} }]],
    ['a subscribe without an id', 4400, [{ type: 'connection_init' }, subscribe('', '{ ping }')]],
    ['a huge id', 4400, [{ type: 'connection_init' }, subscribe('x'.repeat(129), '{ ping }')]],
    ['a complete of a huge id', 4400, [{ type: 'connection_init' }, { id: 'x'.repeat(129), type: 'complete' }]],
    ['variables that are a list', 4400, [{ type: 'connection_init' }, subscribe('1', '{ ping }', { variables: [] })]],
    ['an init that is text', 4400, ['{"type":"connection_init","payload":"x"}']],
    ['a subscribe before the init', 4401, [subscribe('1', '{ ping }')]],
    ['a token before the init', 4401, [{ type: 'ping', payload: { authorization: 'Bearer ada' } }]],
    ['a second init', 4429, [{ type: 'connection_init' }, { type: 'connection_init' }]],
    ['an id in use', 4409, [{ type: 'connection_init' }, subscribe('1', '{ hang }'), subscribe('1', '{ hang }')]],
    ['an id in use by a subscription', 4409, [{ type: 'connection_init' }, subscription('1'), subscription('1')]],
    ['a message above the limit', 1009, ['x'.repeat(1_048_577)]],
  ])('closes a connection for %s with %i', async (_what, code, messages) => {
    const client = await test.socket()
    for (const message of messages) {
      client.send(message)
      if (typeof message === 'object' && message.type === 'connection_init' && code !== 4429) await client.next()
    }
    expect((await client.closed).code).toBe(code)
    await until(() => test.door.size === 0)
  })

  it('closes a connection for a binary message, and for another protocol', async () => {
    const binary = await test.socket()
    binary.socket.send(Buffer.from('{"type":"connection_init"}'))
    expect((await binary.closed).code).toBe(4400)
    const legacy = await test.socket({}, [])
    expect((await legacy.closed).code).toBe(4406)
  })

  it('says nothing more once it has closed', async () => {
    const client = await test.admitted()
    client.send(subscribe('1', '{ hang }'))
    client.send(subscription('2'))
    await until(() => test.live.operations.length === 1)
    client.send({ type: 'nonsense' })
    client.send(subscribe('3', '{ ping }'))
    expect((await client.closed).code).toBe(4400)
    expect(live().isClosed()).toBe(true)
    await test.pipeline.released(1)
    expect(test.pipeline.requests).toHaveLength(1)
  })
})
