import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Bus } from '../../platform/bus/bus.js'
import { envelopeOf } from '../../platform/bus/bus-contract.js'
import { createLogger } from '../../platform/log/logger.js'
import { AppError } from '../../platform/errors/app-error.js'
import { createNatsFeed } from '../../gateway/subscriptions/feeds/nats-feed.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, newNamespace } from '../support/nats-namespace.js'
import { startNats, type PrivateServer } from '../support/private-servers.js'
import { until } from '../support/until.js'

const never = new AbortController().signal

await describeWithEngine('nats-server', 'a live feed when its broker dies', () => {
  let server: PrivateServer
  let bus: Bus
  beforeEach(async () => {
    server = await startNats()
    bus = await connectTestBus(server.url, newNamespace())
  })
  afterEach(async () => {
    await bus.close()
    await server.close()
  })

  it('refuses who comes with a code, and shows those who were there every event once, in order', async () => {
    const feed = createNatsFeed(bus, 'BUS', 'progress.counted')
    const readers = await Promise.all([1, 2, 3].map(() => feed.open('new', never)))
    const seen = readers.map(async (reader) => {
      const payloads: unknown[] = []
      for await (const { payload } of reader) {
        payloads.push(payload)
        if (payload === 299) return payloads
      }
      return payloads
    })
    for (let number = 0; number < 300; number += 1) {
      if (number === 150) {
        await server.kill()
        const refused = expect.objectContaining({ constructor: AppError, code: 'SUBSCRIPTION_SOURCE_UNAVAILABLE' })
        await expect(feed.open('new', never)).rejects.toEqual(refused)
        await server.restart()
      }
      await bus.publish('progress.counted', envelopeOf(number))
    }
    const all = Array.from({ length: 300 }, (_, index) => index)
    expect(await Promise.all(seen)).toEqual([all, all, all])
    await until(
      async () =>
        await bus.check().then(
          () => true,
          () => false,
        ),
    )
    const resumed = await feed.open({ afterSequence: readers[0]?.head ?? 0 }, never)
    expect(resumed.backlog).toBe(300)
    await resumed.close()
  }, 60_000)

  it('goes on where nothing has come for so long that the log keeps nothing from its time', async () => {
    const lines: string[] = []
    const logger = createLogger({
      service: 'test',
      level: 'debug',
      destination: { write: (line) => void lines.push(line) },
    })
    const followerTimes = { pullMs: 1_000, heartbeatMs: 500 }
    const quiet = await connectTestBus(server.url, newNamespace(), { logger, followerTimes })
    const shop = await connect({ servers: new URL(server.url).host, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
    await (await jetstreamManager(shop)).streams.add({ name: 'SHOP', subjects: ['shop.>'], max_msgs: 3 })
    const reader = await createNatsFeed(quiet, 'STREAM', 'shop.quiet').open('new', never)
    const next = reader[Symbol.asyncIterator]().next()
    const numbers = Array.from({ length: 10 }, (_, number) => number)
    for (const number of numbers) await jetstream(shop).publish('shop.busy', `${number}`)
    await until(() => lines.some((line) => line.includes('nothing new') && line.includes('"cursor":10')), 20_000)
    await server.kill()
    await server.restart()
    await until(
      () =>
        jetstream(shop)
          .publish('shop.quiet', '"at last"')
          .then(Boolean, () => false),
      20_000,
    )
    expect((await next).value?.payload).toBe('at last')
    await reader.close()
    await Promise.all([quiet.close(), shop.close()])
  }, 60_000)

  it("goes on where a stream of the operator's keeps it, and ends with a code where nobody does", async () => {
    const shop = await connect({ servers: new URL(server.url).host, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
    await (await jetstreamManager(shop)).streams.add({ name: 'SHOP', subjects: ['shop.kept'] })
    const kept = await createNatsFeed(bus, 'STREAM', 'shop.kept').open('new', never)
    const said = createNatsFeed(bus, 'CORE', 'shop.said')
    const heard = (await said.open('new', never))[Symbol.asyncIterator]()
    const events = kept[Symbol.asyncIterator]()
    await jetstream(shop).publish('shop.kept', '1')
    shop.publish('shop.said', '1')
    expect([await events.next(), await heard.next()].map(({ value }) => value?.payload)).toEqual([1, 1])
    const ending = expect(heard.next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_SOURCE_UNAVAILABLE' })
    await server.kill()
    await ending
    await expect(said.open('new', never)).rejects.toMatchObject({ code: 'SUBSCRIPTION_SOURCE_UNAVAILABLE' })
    await server.restart()
    await until(
      () =>
        jetstream(shop)
          .publish('shop.kept', '2')
          .then(Boolean, () => false),
      20_000,
    )
    expect((await events.next()).value?.payload).toBe(2)
    await until(
      () =>
        bus.check().then(
          () => true,
          () => false,
        ),
      20_000,
    )
    const again = await said.open('new', never)
    shop.publish('shop.said', '2')
    expect((await again[Symbol.asyncIterator]().next()).value?.payload).toBe(2)
    await Promise.all([kept.close(), again.close()])
    await shop.close()
  }, 60_000)
})
