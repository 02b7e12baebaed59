import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { BusUnavailableError, type Bus } from '../../platform/bus/bus.js'
import { envelopeOf, take } from '../../platform/bus/bus-contract.js'
import type { EventRow } from '../../platform/bus/event-row.js'
import { createInProcessBus } from '../../platform/bus/in-process-bus.js'
import { openOutboxRelay, type OutboxRelay, type OutboxRelayOptions } from '../../platform/bus/outbox-relay.js'
import { createLogger } from '../../platform/log/logger.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { createOutboxSchema, insert, type OutboxSchema } from '../support/outbox-schema.js'

const logger = createLogger({ service: 'test', level: 'silent' })
const NEVER_MS = 60_000 // polls that must not be what a test waits for

function rowOf(data: unknown): EventRow {
  const envelope = envelopeOf(data)
  return { id: envelope.id, subject: 'events.thing.happened', envelope }
}

/** A bus whose way out can be cut; `stored` stores and then fails, like a broker that dies before it acknowledges. */
function breakable(bus: Bus) {
  const state = { fault: 'none' as 'none' | 'away' | 'unacknowledged', tries: 0 }
  const breaking: Bus = {
    ...bus,
    async publish(subject, envelope) {
      state.tries += 1
      if (state.fault === 'away') throw new BusUnavailableError()
      await bus.publish(subject, envelope)
      if (state.fault === 'unacknowledged') throw new BusUnavailableError()
    },
  }
  return { bus: breaking, state }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('the outbox relay', () => {
  let database: TestDatabase
  let outbox: OutboxSchema
  let log: Bus
  let relays: OutboxRelay[]
  const open = async (more: Partial<OutboxRelayOptions> = {}) => {
    const relay = await openOutboxRelay({
      pool: outbox.pool,
      schema: outbox.schema,
      bus: log,
      logger,
      pollMs: NEVER_MS,
      ...more,
    })
    relays.push(relay)
    return relay
  }
  const published = async (count: number) => {
    const follower = await log.follow('events.>', 'all')
    const events = await take(follower, count)
    await follower.close()
    return events.map(({ envelope }) => envelope.data)
  }
  beforeAll(async () => {
    database = await createEmptyDatabase()
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    relays = []
    log = createInProcessBus({ logger })
    outbox = await createOutboxSchema(database.url)
  })
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.close()))
    await log.close()
    await outbox.close()
  })

  it('publishes what is committed, in order, and empties the table', async () => {
    const relay = await open({ batch: 3 })
    await outbox.write(...[1, 2, 3, 4, 5, 6, 7].map(rowOf))
    relay.wake()
    expect(await published(7)).toEqual([1, 2, 3, 4, 5, 6, 7])
    await until(async () => (await relay.pending()) === 0)
  })

  it('finds what nobody told it of', async () => {
    await open({ pollMs: 20 })
    await outbox.write(rowOf('left by a process that died'))
    expect(await published(1)).toEqual(['left by a process that died'])
  })

  it('publishes nothing that was rolled back', async () => {
    const relay = await open()
    const client = await outbox.pool.connect()
    await client.query('BEGIN')
    await insert(client, outbox.schema, [rowOf('undone')])
    relay.wake()
    await client.query('ROLLBACK')
    client.release()
    await outbox.write(rowOf('done'))
    relay.wake()
    expect(await published(1)).toEqual(['done'])
  })

  it('does not lose a smaller sequence that is committed after a larger one', async () => {
    const relay = await open()
    const slow = await outbox.pool.connect()
    await slow.query('BEGIN')
    await insert(slow, outbox.schema, [rowOf('slow')])
    await outbox.write(rowOf('fast'))
    relay.wake()
    expect(await published(1)).toEqual(['fast'])
    await slow.query('COMMIT')
    slow.release()
    relay.wake()
    expect(await published(2)).toEqual(['fast', 'slow'])
  })

  it('keeps everything, in order, while the bus is away', async () => {
    const { bus, state } = breakable(log)
    state.fault = 'away'
    const relay = await open({ bus })
    await outbox.write(...[1, 2].map(rowOf))
    relay.wake()
    await until(() => state.tries > 1)
    await outbox.write(rowOf(3))
    expect(await relay.pending()).toBe(3)
    state.fault = 'none'
    expect(await published(3)).toEqual([1, 2, 3])
    await until(async () => (await relay.pending()) === 0)
  })

  it('keeps what the bus stored without saying so, and the log has it once', async () => {
    const { bus, state } = breakable(log)
    state.fault = 'unacknowledged'
    const relay = await open({ bus })
    await outbox.write(...[1, 2].map(rowOf))
    relay.wake()
    await until(() => state.tries > 1)
    expect(await relay.pending()).toBe(2)
    state.fault = 'none'
    await until(async () => (await relay.pending()) === 0)
    await log.publish('events.end', envelopeOf('end'))
    expect(await published(3)).toEqual([1, 2, 'end'])
  })

  it('publishes once and in order with several replicas at work', async () => {
    const replicas = await Promise.all([1, 2, 3].map(() => open({ batch: 5 })))
    const numbers = Array.from({ length: 60 }, (_, index) => index)
    for (const number of numbers) {
      await outbox.write(rowOf(number))
      replicas[number % 3]?.wake()
    }
    replicas.forEach((relay) => relay.wake())
    expect(await published(60)).toEqual(numbers)
    await until(async () => (await replicas[0]?.pending()) === 0)
  })

  it('survives the loss of its database connection in the middle of a batch', async () => {
    const tries: unknown[] = []
    const cut: Bus = {
      ...log,
      async publish(subject, envelope) {
        tries.push(envelope.data)
        await log.publish(subject, envelope)
        if (tries.length === 2) await endOtherConnections()
      },
    }
    const endOtherConnections = () =>
      outbox.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
                         AND state = 'idle in transaction' AND query LIKE '%${outbox.schema}%'`)
    const relay = await open({ bus: cut })
    await outbox.write(...[1, 2, 3].map(rowOf))
    relay.wake()
    expect(await published(3)).toEqual([1, 2, 3])
    await until(async () => (await relay.pending()) === 0)
    expect(tries.slice(-3)).toEqual([1, 2, 3])
  })

  it('puts an unreadable row among the dead letters instead of stopping', async () => {
    const relay = await open()
    await outbox.pool.query(
      `INSERT INTO ${outbox.schema}.outbox_events (id, subject, envelope) VALUES ($1, 'events.x', '{"no":"envelope"}')`,
      [crypto.randomUUID()],
    )
    await outbox.write(rowOf('readable'))
    relay.wake()
    expect(await published(1)).toEqual(['readable'])
    const letters = await log.follow('dead-letter.>', 'all')
    expect((await take(letters, 1))[0]?.envelope.data).toEqual({ subject: 'events.x', envelope: { no: 'envelope' } })
  })
})
