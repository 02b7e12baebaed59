import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bus } from '../../platform/bus/bus.js'
import { envelopeOf, take } from '../../platform/bus/bus-contract.js'
import { openOutboxRelay, type OutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createLogger } from '../../platform/log/logger.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, newNamespace } from '../support/nats-namespace.js'
import { createOutboxSchema, type OutboxSchema } from '../support/outbox-schema.js'
import { startNats, type PrivateServer } from '../support/private-servers.js'

const logger = createLogger({ service: 'test', level: 'silent' })
const COUNT = 300

await describeWithEngine('nats-server', 'the outbox relay when NATS dies', () => {
  let server: PrivateServer
  let database: TestDatabase
  let outbox: OutboxSchema
  let bus: Bus
  let replicas: OutboxRelay[]
  beforeEach(async () => {
    server = await startNats()
    database = await createEmptyDatabase()
    outbox = await createOutboxSchema(database.url)
    bus = await connectTestBus(server.url, newNamespace(), { publishWaitMs: 500 })
    const open = () => openOutboxRelay({ pool: outbox.pool, schema: outbox.schema, bus, logger, pollMs: 50 })
    replicas = await Promise.all([open(), open()])
  })
  afterEach(async () => {
    await Promise.all(replicas.map((relay) => relay.close()))
    await bus.close()
    await outbox.close()
    await Promise.all([database.drop(), server.close()])
  })

  it('publishes what was committed meanwhile, all of it, once and in order', async () => {
    let back = Promise.resolve()
    for (let number = 0; number < COUNT; number += 1) {
      const envelope = envelopeOf(number)
      await outbox.write({ id: envelope.id, subject: 'events.counted', envelope })
      replicas[number % 2]?.wake()
      if (number !== COUNT / 3) continue
      void server.kill()
      back = delay(2_000).then(() => server.restart())
    }
    await back
    while ((await replicas[0]?.pending()) !== 0) await delay(20)
    await bus.publish('events.counted', envelopeOf('end'))
    const follower = await bus.follow('events.counted', 'all')
    const seen = await take(follower, COUNT + 1)
    const expected = [...Array.from({ length: COUNT }, (_, index) => index), 'end']
    expect(seen.map(({ envelope }) => envelope.data)).toEqual(expected)
  }, 60_000)
})
