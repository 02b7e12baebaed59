import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { BusUnavailableError, EventsLostError, type Bus } from '../../../platform/bus/bus.js'
import { envelopeOf } from '../../../platform/bus/bus-contract.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { AppError } from '../../../platform/errors/app-error.js'
import { createLogger } from '../../../platform/log/logger.js'
import { createScriptedBus } from '../fixtures/scripted-bus.js'
import type { FeedReader } from './event-feed.js'
import { createNatsFeed } from './nats-feed.js'

const logger = createLogger({ service: 'test', level: 'silent' })
const never = new AbortController().signal
const refused = (code: string) => expect.objectContaining({ constructor: AppError, code })
let bus: Bus

beforeEach(() => void (bus = createInProcessBus({ logger })))
afterEach(() => bus.close())

const publish = (...payloads: unknown[]) =>
  Promise.all(payloads.map((payload) => bus.publish('progress.x', envelopeOf(payload))))

async function read(reader: FeedReader, count: number): Promise<unknown[]> {
  const payloads: unknown[] = []
  const events = reader[Symbol.asyncIterator]()
  while (payloads.length < count) payloads.push((await events.next()).value?.payload)
  return payloads
}

describe('a feed of the bus', () => {
  it('hands on what events carry, in order, from where it is asked to', async () => {
    const feed = createNatsFeed(bus, 'BUS', 'progress.x')
    await publish('a', 'b')
    const all = await feed.open('all', never)
    const fresh = await feed.open('new', never)
    expect(all).toMatchObject({ backlog: 2, log: fresh.log })
    expect(fresh).toMatchObject({ backlog: 0, head: all.head })
    await publish('c')
    expect(await read(all, 3)).toEqual(['a', 'b', 'c'])
    expect(await read(fresh, 1)).toEqual(['c'])
    const resumed = await feed.open({ afterSequence: all.head }, never)
    const first = await resumed[Symbol.asyncIterator]().next()
    expect(first.value).toEqual({ sequence: all.head + 1, payload: 'c' })
    await Promise.all([all, fresh, resumed].map((reader) => reader.close()))
  })

  it('has one key a subject', () => {
    expect(createNatsFeed(bus, 'BUS', 'progress.x').key).toBe(createNatsFeed(null, 'BUS', 'progress.x').key)
    expect(createNatsFeed(bus, 'BUS', 'progress.x').key).not.toBe(createNatsFeed(bus, 'BUS', 'progress.y').key)
  })

  it('ends what waits for an event when it is closed, left, or the bus is', async () => {
    const feed = createNatsFeed(bus, 'BUS', 'progress.x')
    const [closed, left, last] = [
      await feed.open('new', never),
      await feed.open('new', never),
      await feed.open('new', never),
    ]
    const leaving = left[Symbol.asyncIterator]()
    const waiting = [closed[Symbol.asyncIterator]().next(), leaving.next(), last[Symbol.asyncIterator]().next()]
    await closed.close()
    await leaving.return?.()
    await bus.close()
    for (const result of await Promise.all(waiting)) expect(result).toEqual({ done: true, value: undefined })
  })

  it('refuses without a bus, when the broker does not answer, and for a position the log never had', async () => {
    await expect(createNatsFeed(null, 'BUS', 'progress.x').open('new', never)).rejects.toEqual(
      refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'),
    )
    const away = { ...bus, follow: () => Promise.reject(new BusUnavailableError()) }
    await expect(createNatsFeed(away, 'BUS', 'progress.x').open('new', never)).rejects.toEqual(
      refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'),
    )
    await expect(createNatsFeed(bus, 'BUS', 'progress.x').open({ afterSequence: 1 }, never)).rejects.toEqual(
      refused('CURSOR_EXPIRED'),
    )
  })

  it.each([
    [new EventsLostError(), 'CURSOR_EXPIRED'],
    [new BusUnavailableError(), 'SUBSCRIPTION_SOURCE_UNAVAILABLE'],
    [new Error('connect ECONNREFUSED 10.0.0.7:4222'), 'SUBSCRIPTION_SOURCE_UNAVAILABLE'],
  ])('tells a reader under way of %s by a code', async (fault, code) => {
    const script = createScriptedBus()
    const reader = await createNatsFeed(script.bus, 'BUS', 'progress.x').open('new', never)
    const next = reader[Symbol.asyncIterator]().next()
    script.fail(fault)
    await expect(next).rejects.toEqual(refused(code))
  })

  it('leaves nothing open for somebody who left while it opened', async () => {
    const script = createScriptedBus()
    const abort = new AbortController()
    const opening = createNatsFeed(script.bus, 'BUS', 'progress.x').open('new', abort.signal)
    abort.abort()
    await expect(opening).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    expect(script.openFollowers()).toBe(0)
  })
})
