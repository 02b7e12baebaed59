import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { EventsLostError, NoStreamError, type BrokerSubjects, type Bus, type Reading } from '../../platform/bus/bus.js'
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

  it('whose stream is gone are told the operator of once, asked for ever less often, and end with a stream made anew', async () => {
    const lines: string[] = []
    const logger = createLogger({
      service: 'test',
      level: 'debug',
      destination: { write: (line) => void lines.push(line) },
    })
    const watched = await connectTestBus(url(), namespace, { logger })
    const stream = { name: `${orders}-gone`, subjects: [`${orders}.gone.>`] }
    await manager.streams.add(stream)
    const reading = await watched.subjects?.follow(`${orders}.gone.a`, 'new')
    if (reading === undefined) throw new Error('a broker has subjects')
    const next = expect(take(reading, 1)).rejects.toThrow(EventsLostError)
    await manager.streams.delete(stream.name)
    const told = (text: string) => lines.filter((line) => line.includes(text)).length
    await until(() => told('a follower asks again') >= 3, 20_000)
    expect(told('is followed is gone')).toBe(1)
    await manager.streams.add(stream)
    await next
    await reading.close()
    await watched.close()
    await manager.streams.delete(stream.name)
  }, 60_000)

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
