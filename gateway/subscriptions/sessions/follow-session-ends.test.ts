import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { BusUnavailableError, EventsLostError, type Bus, type Follower } from '../../../platform/bus/bus.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createLogger } from '../../../platform/log/logger.js'
import { until } from '../../../tests/support/until.js'
import { followSessionEnds } from './follow-session-ends.js'

const source = { subject: 'events.session.ended', field: 'sessionId' }

let bus: Bus
let lines: string[]
let ended: { session: string; agoMs: number }[]
let following: { close(): Promise<void> } | undefined
const logger = createLogger({
  service: 'test',
  level: 'debug',
  destination: { write: (line) => void lines.push(line) },
})
const registry = { end: (session: string, agoMs = 0) => void ended.push({ session, agoMs }) }

const tell = (data: unknown, occurredAt = new Date().toISOString()): Promise<void> =>
  bus.publish(source.subject, {
    id: randomUUID(),
    type: 'session.ended',
    version: 1,
    occurredAt,
    traceId: 't',
    data,
  })
const start = (over: Pick<Bus, 'follow'> = bus) => {
  following = followSessionEnds({ bus: over, source, registry, logger, retryMs: 1 })
}
const sessions = () => ended.map(({ session }) => session)

beforeEach(() => {
  lines = []
  ended = []
  bus = createInProcessBus({ logger })
})
afterEach(async () => {
  await following?.close()
  await bus.close()
})

describe('ends of sessions', () => {
  it('are told as they come, and those of before it listened as well, with their age', async () => {
    await tell({ sessionId: 'a' }, new Date(Date.now() - 60_000).toISOString())
    start()
    await tell({ sessionId: 'b', userId: 'ada' })
    await until(() => ended.length === 2)
    expect(sessions()).toEqual(['a', 'b'])
    expect(ended[0]?.agoMs).toBeGreaterThanOrEqual(60_000)
    expect(ended[1]?.agoMs).toBeLessThan(60_000)
  })

  it('are heard by every gateway', async () => {
    const others: string[] = []
    start()
    const second = followSessionEnds({ bus, source, registry: { end: (one) => void others.push(one) }, logger })
    await tell({ sessionId: 'a' })
    await until(() => ended.length === 1 && others.length === 1)
    await second.close()
  })

  it('wait for a bus that is away at first', async () => {
    let refusals = 3
    start({
      follow: async (...from) => {
        if (refusals-- > 0) throw new BusUnavailableError()
        return bus.follow(...from)
      },
    })
    await tell({ sessionId: 'a' })
    await until(() => ended.length === 1)
    expect(lines.join()).toContain('not heard of')
  })

  it.each([
    ['breaks', new BusUnavailableError()],
    ['has lost its place', new EventsLostError()],
  ])('are caught up with after the bus %s', async (_how, fault) => {
    const followers: Follower[] = []
    let broken = false
    start({
      async follow(...from) {
        const follower = await bus.follow(...from)
        followers.push(follower)
        async function* breaking() {
          yield* follower
          if (!broken) return
          broken = false
          throw fault
        }
        return { ...follower, [Symbol.asyncIterator]: breaking }
      },
    })
    await tell({ sessionId: 'a' })
    await until(() => ended.length === 1)
    broken = true
    await Promise.all([followers[0]?.close(), tell({ sessionId: 'meanwhile' })])
    await until(() => sessions().includes('meanwhile'))
  })

  it.each([[null], ['text'], [{}], [{ sessionId: '' }], [{ sessionId: { secret: 1 } }], [{ session: 'a secret' }]])(
    'that name no session are passed over: %j',
    async (data) => {
      start()
      await tell(data)
      await tell({ sessionId: 'next' })
      await until(() => ended.length === 1)
      expect(sessions()).toEqual(['next'])
      expect(lines.join()).toContain('names no session')
      expect(lines.join()).not.toContain('secret')
    },
  )

  it('are no longer told once closed, also where the bus never answered', async () => {
    start({ follow: () => Promise.reject(new BusUnavailableError()) })
    await following?.close()
    start()
    await following?.close()
    await tell({ sessionId: 'a' })
    expect(ended).toEqual([])
  })
})
