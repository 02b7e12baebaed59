import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { Bus } from '../../platform/bus/bus.js'
import { envelopeOf } from '../../platform/bus/bus-contract.js'
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
    const feed = createNatsFeed(bus, 'progress.counted')
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
})
