import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createLogger } from '../log/logger.js'
import { currentRequestContext, withRequestContext } from '../log/request-context.js'
import type { Bus, EventEnvelope } from './bus.js'
import { recorder, take } from './bus-contract.js'
import { consumeEvents } from './consume-events.js'
import type { EventContract } from './event-contract.js'
import { createEventRow } from './event-row.js'
import { createInProcessBus } from './in-process-bus.js'

const logger = createLogger({ service: 'test', level: 'silent' })

const data = z.object({ userId: z.uuid(), name: z.string() })
const userNamed: EventContract<z.infer<typeof data>> = {
  type: 'user.named',
  version: 1,
  data,
  subject: ({ userId }) => `events.user.named.${userId}`,
  filter: 'events.user.named.*',
}
const ada = { userId: crypto.randomUUID(), name: 'Ada' }

describe('an event row', () => {
  it('is an envelope on the subject of its contract', () => {
    const id = crypto.randomUUID()
    const now = new Date('2026-01-02T03:04:05Z')
    const row = createEventRow(userNamed, ada, { id, now, actorId: ada.userId, traceId: 'f'.repeat(32) })
    expect(row).toEqual({
      id,
      subject: `events.user.named.${ada.userId}`,
      envelope: {
        id,
        type: 'user.named',
        version: 1,
        occurredAt: '2026-01-02T03:04:05.000Z',
        traceId: 'f'.repeat(32),
        actorId: ada.userId,
        data: ada,
      },
    })
  })

  it('carries the trace of the request that caused it', () => {
    const traceId = 'c'.repeat(32)
    const row = withRequestContext({ requestId: 'r', traceId }, () => createEventRow(userNamed, ada))
    expect(row.envelope.traceId).toBe(traceId)
  })

  it('is refused when the data breaks the contract would widen the subject or is too large', () => {
    expect(() => createEventRow(userNamed, { userId: '>', name: 'x' })).toThrow(z.ZodError)
    const loose = { ...userNamed, data: z.object({ userId: z.string(), name: z.string() }) }
    expect(() => createEventRow(loose, { userId: '>', name: 'x' })).toThrow(TypeError)
    expect(() => createEventRow(userNamed, { ...ada, name: 'x'.repeat(600_000) })).toThrow(RangeError)
  })
})

describe('a consumer of a contract', () => {
  const start = async (bus: Bus) => {
    const handled = recorder<{ name: string; envelope: EventEnvelope; traceId: string | undefined }>()
    const letters = await bus.follow('dead-letter.greeter.>', 'new')
    await consumeEvents({
      bus,
      name: 'greeter',
      contract: userNamed,
      logger,
      handle: async ({ name }, envelope) => handled.add({ name, envelope, traceId: currentRequestContext()?.traceId }),
    })
    return { handled, letters }
  }

  it('gets typed data, in the trace of the request that caused it', async () => {
    const bus = createInProcessBus({ logger })
    const { handled } = await start(bus)
    const { subject, envelope } = createEventRow(userNamed, ada, { traceId: 'd'.repeat(32) })
    await bus.publish(subject, envelope)
    await handled.reached(1)
    expect(handled.seen).toEqual([{ name: 'Ada', envelope, traceId: 'd'.repeat(32) }])
    await bus.close()
  })

  it('dead-letters garbage at once and goes on', async () => {
    const bus = createInProcessBus({ logger })
    const { handled, letters } = await start(bus)
    const garbage = [
      { ...createEventRow(userNamed, ada).envelope, data: { userId: 7 } },
      { ...createEventRow(userNamed, ada).envelope, type: 'user.renamed' },
      { ...createEventRow(userNamed, ada).envelope, version: 2 },
      { ...createEventRow(userNamed, ada).envelope, occurredAt: 'yesterday' },
    ]
    for (const envelope of garbage) await bus.publish('events.user.named.x', envelope)
    const good = createEventRow(userNamed, ada)
    await bus.publish(good.subject, good.envelope)
    await handled.reached(1)
    expect((await take(letters, garbage.length)).map(({ envelope }) => envelope)).toEqual(garbage)
    expect(handled.seen.map(({ envelope }) => envelope.id)).toEqual([good.id])
    await bus.close()
  })
})
