import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { WebSocket } from 'ws'
import { until } from '../../tests/support/until.js'
import {
  createScriptedLog,
  startScriptedGateway,
  type ScriptedGateway,
  type ScriptedLog,
} from './fixtures/scripted-gateway.js'
import type { LiveResult } from './live-result.js'
import {
  createSubscriptionClient,
  type SubscriptionClient,
  type SubscriptionClientOptions,
} from './subscription-client.js'

interface Counted {
  readonly counted: number
}
const Count: TypedDocumentNode<Counted, { since?: number }> = parse('subscription Count { counted }')

const timing = { pingEveryMs: 60_000, answerWithinMs: 5_000, longestWaitMs: 20, tryForMs: 5_000, renewBeforeMs: 30_000 }

let log: ScriptedLog
let gateways: ScriptedGateway[]
let clients: SubscriptionClient[]

const startGateway = async () => {
  const gateway = await startScriptedGateway(log)
  gateways.push(gateway)
  return gateway
}
const open = (url: string | readonly [string, ...string[]], more: Partial<SubscriptionClientOptions> = {}) => {
  const client = createSubscriptionClient({ url, webSocketImpl: WebSocket, timing, ...more })
  clients.push(client)
  return client
}
const begun = (gateway: ScriptedGateway, count: number) => until(() => gateway.subscribed.length >= count)
const take = async (stream: AsyncIterableIterator<LiveResult<Counted>>, count: number): Promise<number[]> => {
  const taken: number[] = []
  while (taken.length < count) {
    const { done, value } = await stream.next()
    if (done) throw new Error('The stream ended too early.')
    taken.push(value.data?.counted ?? NaN)
  }
  return taken
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

beforeEach(() => {
  log = createScriptedLog()
  gateways = []
  clients = []
})
afterEach(async () => {
  for (const client of clients) await client.close()
  for (const gateway of gateways) await gateway.stop()
})

describe('a stream', () => {
  it('yields events in order with their cursors and ends with the server', async () => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const first = stream.next()
    await begun(gateway, 1)
    log.append()
    expect(await first).toEqual({
      done: false,
      value: { data: { counted: 1 }, errors: [], cursor: 'after-1', gap: null },
    })
    gateway.tellGap(3)
    log.append()
    expect((await stream.next()).value).toMatchObject({ cursor: 'after-2', gap: { missed: 3 } })
    gateway.complete()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('begins after the cursor it is given', async () => {
    const gateway = await startGateway()
    log.append(5)
    const stream = open(gateway.url).subscribe(Count, {}, { cursor: 'after-2' })
    expect(await take(stream, 3)).toEqual([3, 4, 5])
  })

  it('is let go when its loop is left, also while it waits', async () => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const waiting = stream.next()
    await begun(gateway, 1)
    await stream.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await until(() => gateway.live() === 0)
  })

  it('ends with the reason of its signal', async () => {
    const gateway = await startGateway()
    const leaving = new AbortController()
    const stream = open(gateway.url).subscribe(Count, {}, { signal: leaving.signal })
    const waiting = stream.next()
    await begun(gateway, 1)
    leaving.abort(new Error('navigated away'))
    await expect(waiting).rejects.toThrow('navigated away')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await until(() => gateway.live() === 0)
  })

  it('throws the code of a refusal', async () => {
    const gateway = await startGateway()
    gateway.refuseNext('RES_NOT_FOUND')
    await expect(open(gateway.url).subscribe(Count, {}).next()).rejects.toMatchObject({ code: 'RES_NOT_FOUND' })
  })
})

describe('after a cut, a stream', () => {
  it('goes on where it was, once and in order', async () => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const first = take(stream, 2)
    await begun(gateway, 1)
    log.append(2)
    await first
    gateway.cut()
    log.append(100)
    expect(await take(stream, 100)).toEqual(numbers(3, 102))
    expect(gateway.subscribed.map(({ extensions }) => extensions?.cursor)).toEqual([undefined, 'after-2'])
  })

  it('that had no answer yet begins where it had begun', async () => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const first = take(stream, 3)
    await begun(gateway, 1)
    await until(() => gateway.pongs() === 1)
    gateway.cut()
    log.append(3)
    expect(await first).toEqual([1, 2, 3])
    expect(gateway.subscribed.map(({ extensions }) => extensions?.cursor)).toEqual([undefined, 'after-0'])
  })

  it('goes on at another replica', async () => {
    const [one, other] = [await startGateway(), await startGateway()]
    const stream = open([one.url, other.url]).subscribe(Count, {})
    const first = take(stream, 1)
    await until(() => one.live() + other.live() === 1)
    log.append()
    await first
    const [used, spare] = one.live() === 1 ? [one, other] : [other, one]
    await used.stop()
    gateways = gateways.filter((gateway) => gateway !== used)
    log.append()
    expect(await take(stream, 1)).toEqual([2])
    expect(spare.subscribed).toMatchObject([{ extensions: { cursor: 'after-1' } }])
  })

  it('goes on when it is sent elsewhere, and after a normal closure that graphql-ws answers by itself', async () => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const first = take(stream, 1)
    await begun(gateway, 1)
    log.append()
    await first
    for (const code of [1012, 1000]) {
      const before = gateway.subscribed.length
      gateway.close(code, '{"retryMs":1}')
      await begun(gateway, before + 1)
      log.append()
    }
    expect(await take(stream, 2)).toEqual([2, 3])
  })

  it('resumes what the server ended for the moment', async () => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const first = take(stream, 1)
    await begun(gateway, 1)
    log.append()
    await first
    gateway.refuseNext('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    gateway.end('SUBSCRIPTION_LAGGING')
    log.append()
    expect(await take(stream, 1)).toEqual([2])
    expect(gateway.subscribed).toHaveLength(3)
  })

  it.each(['throw', 'begin anew'] as const)('whose place the log has lost is to %s', async (whenLost) => {
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {}, { whenLost, cursor: 'after-0' })
    log.append()
    expect(await take(stream, 1)).toEqual([1])
    gateway.refuseNext('CURSOR_EXPIRED')
    gateway.cut()
    if (whenLost === 'throw') {
      await expect(stream.next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
      return
    }
    await begun(gateway, 3)
    log.append()
    expect((await stream.next()).value).toMatchObject({ data: { counted: 2 }, gap: { missed: null } })
  })

  it('says so where its answers carry no cursors', async () => {
    log = createScriptedLog(false)
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {})
    const first = take(stream, 1)
    await begun(gateway, 1)
    log.append()
    await first
    gateway.cut()
    await expect(stream.next()).rejects.toMatchObject({ code: 'STREAM_INTERRUPTED' })
  })

  it('ends with CONNECTION_LOST where nobody answers for long, and with the reason of a closure for good', async () => {
    const gateway = await startGateway()
    const client = open(gateway.url, { timing: { ...timing, tryForMs: 50 } })
    const streams = [client.subscribe(Count, {}), client.subscribe(Count, {})]
    const waiting = streams.map((stream) => expect(stream.next()).rejects.toMatchObject({ code: 'CONNECTION_LOST' }))
    await begun(gateway, 2)
    await gateway.stop()
    gateways = []
    await Promise.all(waiting)

    const strict = await startGateway()
    const refused = open(strict.url).subscribe(Count, {}).next()
    await begun(strict, 1)
    strict.close(4403, 'AUTH_TOKEN_INVALID')
    await expect(refused).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
  })

  it('notices a connection that has gone silent', async () => {
    const gateway = await startGateway()
    gateway.answerPings(null)
    const client = open(gateway.url, { timing: { ...timing, pingEveryMs: 20, answerWithinMs: 20 } })
    const stream = client.subscribe(Count, {}, { cursor: 'after-0' })
    const first = stream.next()
    await begun(gateway, 2)
    log.append()
    expect((await first).value).toMatchObject({ cursor: 'after-1' })
  })
})

describe('a connection that nobody accepts', () => {
  it('is given up in time, without harm to the process', async () => {
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const impatient = { ...timing, answerWithinMs: 20, tryForMs: 60 }
    const stream = open(`ws://127.0.0.1:${port}`, { timing: impatient }).subscribe(Count, {})
    await expect(stream.next()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    silent.close()
  })
})

describe('a slow loop', () => {
  it('holds no more than the buffer, and misses nothing', async () => {
    const gateway = await startGateway()
    log.append(1_000)
    const stream = open(gateway.url).subscribe(Count, {}, { cursor: 'after-0', bufferSize: 8 })
    expect(await take(stream, 1)).toEqual([1])
    await until(() => gateway.live() === 0)
    expect(await take(stream, 999)).toEqual(numbers(2, 1_000))
    const cursors = gateway.subscribed.map(({ extensions }) => extensions?.cursor)
    expect(new Set(cursors).size).toBe(cursors.length)
  })

  it('loses a stream without cursors, with a code', async () => {
    log = createScriptedLog(false)
    const gateway = await startGateway()
    const stream = open(gateway.url).subscribe(Count, {}, { bufferSize: 2 })
    const first = stream.next()
    await begun(gateway, 1)
    log.append(10)
    expect((await first).value).toMatchObject({ data: { counted: 1 } })
    expect(await take(stream, 2)).toEqual([2, 3])
    await expect(stream.next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_LAGGING' })
  })
})
