import { afterAll, beforeAll, expect, it } from '@jest/globals'
import {
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import {
  EventsLostError,
  NoStreamError,
  StreamGoneError,
  type BrokerSubjects,
  type Bus,
  type Reading,
} from '../../platform/bus/bus.js'
import type { NatsBusOptions } from '../../platform/bus/nats-bus.js'
import { createLogger } from '../../platform/log/logger.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, dropNamespace, newNamespace } from '../support/nats-namespace.js'
import { until } from '../support/until.js'

async function take<Item>(reading: Reading<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = []
  const items = reading[Symbol.asyncIterator]()
  while (taken.length < count) {
    const { done, value } = await items.next()
    if (done === true) break
    taken.push(value)
  }
  return taken
}

await describeWithEngine('nats', 'subjects of somebody else on the NATS bus', (url) => {
  const namespace = newNamespace()
  const orders = `shop-${newNamespace()}`
  let bus: Bus
  let shop: NatsConnection
  let manager: JetStreamManager
  let subjects: BrokerSubjects

  beforeAll(async () => {
    bus = await connectTestBus(url(), namespace)
    if (bus.subjects === null) throw new Error('a broker has subjects')
    subjects = bus.subjects
    shop = await connect({ servers: new URL(url()).host })
    manager = await jetstreamManager(shop)
    await manager.streams.add({ name: orders, subjects: [`${orders}.kept.>`] })
  })
  afterAll(async () => {
    await bus.close()
    await manager.streams.delete(orders)
    await shop.close()
    await dropNamespace(url(), namespace)
  })

  const store = (subject: string, text: string) => jetstream(shop).publish(`${orders}.kept.${subject}`, text)
  const say = async (subject: string, text: string) => {
    shop.publish(`${orders}.said.${subject}`, text)
    await shop.flush()
  }

  it('are read from the stream that covers them: from its beginning, from a position, and as they come', async () => {
    for (const number of [1, 2, 3]) await store('a', `{"number":${number}}`)
    await store('b', '"another"')
    const all = await subjects.follow(`${orders}.kept.a`, 'all')
    const fresh = await subjects.follow(`${orders}.kept.*`, 'new')
    expect(all).toMatchObject({ backlog: 3, head: fresh.head, log: fresh.log })
    const [first, ...rest] = await take(all, 3)
    expect(first).toMatchObject({ subject: `${orders}.kept.a`, payload: { number: 1 } })
    const resumed = await subjects.follow(`${orders}.kept.a`, { afterSequence: first?.sequence ?? 0 })
    expect(await take(resumed, 2)).toEqual(rest)
    await store('c', '[4]')
    expect((await take(fresh, 1))[0]).toMatchObject({ subject: `${orders}.kept.c`, payload: [4] })
    await Promise.all([all, fresh, resumed].map((one) => one.close()))
  })

  const ofOurOwn = async (more: Partial<NatsBusOptions> = {}) => {
    const lines: string[] = []
    const destination = { write: (line: string) => void lines.push(line) }
    const logger = createLogger({ service: 'test', level: 'debug', destination })
    const own = await connectTestBus(url(), namespace, { logger, ...more })
    if (own.subjects === null) throw new Error('a broker has subjects')
    return { own, subjects: own.subjects, told: (text: string) => lines.filter((line) => line.includes(text)).length }
  }
  const streamOf = async (name: string, config: Partial<StreamConfig> = {}) => {
    const stream = { ...config, name: `${orders}-${name}`, subjects: [`${orders}.${name}.>`] }
    await manager.streams.add(stream)
    return stream
  }

  it('whose stream is gone are told the operator of once, and end with a stream made anew', async () => {
    const { own, subjects: watched, told } = await ofOurOwn({ followerTimes: { heartbeatMs: 500, goneMs: 120_000 } })
    const stream = await streamOf('gone')
    const reading = await watched.follow(`${orders}.gone.a`, 'new')
    const next = expect(take(reading, 1)).rejects.toThrow(EventsLostError)
    await manager.streams.delete(stream.name)
    await until(() => told('a follower asks again') >= 3, 20_000)
    expect(told('is followed is gone')).toBe(1)
    await manager.streams.add(stream)
    await next
    await own.close()
    await manager.streams.delete(stream.name)
  }, 60_000)

  it('end where their stream is gone and is not made anew', async () => {
    const { own, subjects: watched } = await ofOurOwn({ followerTimes: { heartbeatMs: 500, goneMs: 1 } })
    const stream = await streamOf('lost')
    const reading = await watched.follow(`${orders}.lost.a`, 'new')
    const next = expect(take(reading, 1)).rejects.toThrow(StreamGoneError)
    await manager.streams.delete(stream.name)
    await next
    await expect(watched.follow(`${orders}.lost.a`, 'new')).rejects.toThrow(NoStreamError)
    await own.close()
  }, 60_000)

  it('come all the same where somebody deletes the consumer they are read by', async () => {
    const stream = await streamOf('read')
    const reading = await subjects.follow(`${orders}.read.a`, 'new')
    const next = take(reading, 3)
    const publish = (text: string) => jetstream(shop).publish(`${orders}.read.a`, text)
    await publish('1')
    for await (const { name } of manager.consumers.list(stream.name)) await manager.consumers.delete(stream.name, name)
    for (const text of ['2', '3']) await publish(text)
    expect((await next).map(({ payload }) => payload)).toEqual([1, 2, 3])
    await reading.close()
    await manager.streams.delete(stream.name)
  }, 60_000)

  it('end for a slow reader whose stream has let go of what was next, though other events follow', async () => {
    const stream = await streamOf('short', { max_msgs: 300 })
    const publish = async (from: number, to: number) => {
      for (let number = from; number <= to; number += 1) await jetstream(shop).publish(`${orders}.short.a`, `${number}`)
    }
    const reading = await subjects.follow(`${orders}.short.a`, 'new')
    await publish(1, 200)
    expect((await take(reading, 128)).at(-1)?.payload).toBe(128) // as many as are read ahead
    await publish(201, 600)
    await expect(take(reading, 1)).rejects.toThrow(EventsLostError)
    await manager.streams.delete(stream.name)
  }, 60_000)

  it.each([
    ['takes away what was read', { retention: RetentionPolicy.Workqueue }, /'limits' is needed/],
    ['takes away what all consumers have read', { retention: RetentionPolicy.Interest }, /'limits' is needed/],
    ['keeps the newest of each subject', { max_msgs_per_subject: 1 }, /max_msgs_per_subject must be unlimited/],
  ])('are refused, and the operator told why, where their stream %s', async (_what, config, why) => {
    const { own, subjects: watched, told } = await ofOurOwn()
    const stream = await streamOf('lossy', config)
    await expect(watched.follow(`${orders}.lossy.a`, 'new')).rejects.toThrow(why)
    expect(told('live events can not be read of this subject')).toBe(1)
    await own.close()
    await manager.streams.delete(stream.name)
  })

  it('are read of the newest of each subject by who needs no more, and where it is the new that is refused', async () => {
    const newest = await streamOf('newest', { max_msgs_per_subject: 1 })
    const full = await streamOf('full', {
      max_msgs_per_subject: 1,
      discard: DiscardPolicy.New,
      discard_new_per_subject: true,
    })
    await (await subjects.follow(`${orders}.newest.a`, 'new', true)).close()
    await (await subjects.follow(`${orders}.full.a`, 'new')).close()
    for (const { name } of [newest, full]) await manager.streams.delete(name)
  })

  it('pass over what is no JSON', async () => {
    const kept = await subjects.follow(`${orders}.kept.d`, 'new')
    const said = await subjects.listen(`${orders}.said.d`)
    for (const text of ['not json {', '1']) {
      await store('d', text)
      await say('d', text)
    }
    for (const reading of [kept, said]) {
      expect((await take(reading, 1))[0]?.payload).toBe(1)
      await reading.close()
    }
  })

  it('are known to be read though the last that is kept is no JSON', async () => {
    for (const text of ['1', 'not json {']) await store('e', text)
    const reading = await subjects.follow(`${orders}.kept.e`, 'all')
    expect(reading.backlog).toBe(2)
    expect((await take(reading, 1))[0]?.payload).toBe(1)
    const next = take(reading, 1)
    await reading.caughtUp
    await store('e', '2')
    expect((await next)[0]?.payload).toBe(2)
    await reading.close()
  })

  it('are heard as they are said where nobody keeps them, each reader for itself', async () => {
    await say('a', '"before"')
    const readings = await Promise.all([subjects.listen(`${orders}.said.>`), subjects.listen(`${orders}.said.a`)])
    expect(readings[0]).toMatchObject({ log: '', head: 0, backlog: 0 })
    await say('b', '"b"')
    await say('a', '"a"')
    expect((await take(readings[0], 2)).map(({ payload }) => payload)).toEqual(['b', 'a'])
    expect((await take(readings[1], 1)).map(({ payload, sequence }) => [payload, sequence])).toEqual([['a', 1]])
    const waiting = readings[0][Symbol.asyncIterator]().next()
    await Promise.all(readings.map((reading) => reading.close()))
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('end for who is too slow to hear what nobody keeps', async () => {
    const reading = await subjects.listen(`${orders}.said.many`)
    for (let number = 0; number < 2_000; number += 1) shop.publish(`${orders}.said.many`, String(number))
    await shop.flush()
    const after = await subjects.listen(`${orders}.said.after`) // what was said before has come by then
    await expect(take(reading, 2_000)).rejects.toThrow(EventsLostError)
    await after.close()
  })

  it('are refused where no stream covers them, and where they are the server’s own or none', async () => {
    await expect(subjects.follow(`${orders}.said.a`, 'new')).rejects.toThrow(NoStreamError)
    for (const subject of ['$JS.EVENT.>', '$SYS.>', '_INBOX.>', '>', '*.kept.a', 'a..b', 'a.b c', '']) {
      await expect(subjects.follow(subject, 'new')).rejects.toThrow(TypeError)
      await expect(subjects.listen(subject)).rejects.toThrow(TypeError)
    }
  })

  it('are refused where a wildcard catches those of several streams, of which only one would be read', async () => {
    await manager.streams.add({ name: `${orders}-more`, subjects: [`${orders}.more.>`] })
    try {
      await expect(subjects.follow(`${orders}.>`, 'new')).rejects.toThrow(NoStreamError)
      await (await subjects.follow(`${orders}.more.*`, 'new')).close()
    } finally {
      await manager.streams.delete(`${orders}-more`)
    }
  })

  it('are refused at a position their stream never had', async () => {
    const far = { afterSequence: 1_000_000 }
    await expect(subjects.follow(`${orders}.kept.a`, far)).rejects.toThrow(EventsLostError)
  })

  it('end with the bus', async () => {
    const other = await connectTestBus(url(), namespace)
    const [kept, said] = await Promise.all([
      other.subjects?.follow(`${orders}.kept.a`, 'new'),
      other.subjects?.listen(`${orders}.said.a`),
    ])
    const waiting = [kept, said].map((reading) => reading?.[Symbol.asyncIterator]().next())
    await other.close()
    for (const next of waiting) expect(await next).toEqual({ done: true, value: undefined })
  })
})
