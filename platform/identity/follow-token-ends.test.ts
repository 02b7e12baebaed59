import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { BusUnavailableError, EventsLostError, type Bus, type Follower, type FollowFrom } from '../bus/bus.js'
import { createInProcessBus } from '../bus/in-process-bus.js'
import { createLogger } from '../log/logger.js'
import { until } from '../../tests/support/until.js'
import { REMEMBERED_MS, type TokenEnd } from './ended-tokens.js'
import { followTokenEnds } from './follow-token-ends.js'

const source = { subject: 'events.session.ended', field: 'sessionId', claim: 'sid' }

let bus: Bus
let lines: string[]
let ended: TokenEnd[]
let confirmedAt: number[]
let following: { close(): Promise<void> } | undefined
const logger = createLogger({
  service: 'test',
  level: 'debug',
  destination: { write: (line) => void lines.push(line) },
})
const options = {
  source,
  logger,
  ended: { end: (end: TokenEnd) => void ended.push(end) },
  confirmed: (askedAtMs: number) => void confirmedAt.push(askedAtMs),
  monotonic: () => performance.now(),
  retryMs: 1,
  confirmEveryMs: 1,
}

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
  following = followTokenEnds({ ...options, bus: over })
}
const sessions = () => ended.map(({ value }) => value)

beforeEach(() => {
  lines = []
  ended = []
  confirmedAt = []
  bus = createInProcessBus({ logger })
})
afterEach(async () => {
  await following?.close()
  await bus.close()
})

describe('ends of tokens', () => {
  it('are told as they come, and those of before it listened as well, with their time', async () => {
    const before = new Date(Date.now() - 60_000)
    await tell({ sessionId: 'a' }, before.toISOString())
    start()
    await tell({ sessionId: 'b', userId: 'ada' })
    await until(() => ended.length === 2)
    expect(sessions()).toEqual(['a', 'b'])
    expect(ended[0]).toEqual({ claim: 'sid', value: 'a', endedAtMs: before.getTime() })
  })

  it('are not asked for from before the time at which they cease to matter', async () => {
    const from: FollowFrom[] = []
    start({ follow: (subject, beginning) => (from.push(beginning), bus.follow(subject, beginning)) })
    await until(() => confirmedAt.length > 0)
    const [first] = from
    if (typeof first !== 'object' || !('since' in first)) throw new Error('It began elsewhere.')
    expect(Math.abs(Date.now() - REMEMBERED_MS - first.since.getTime())).toBeLessThan(60_000)
  })

  it('are confirmed once all of before are told, and no longer while the bus can not say so', async () => {
    for (const sessionId of ['a', 'b', 'c']) await tell({ sessionId })
    let away = false
    start({
      async follow(...from) {
        const follower = await bus.follow(...from)
        const isCurrent = () => (away ? Promise.reject(new BusUnavailableError()) : follower.isCurrent())
        return { ...follower, isCurrent, [Symbol.asyncIterator]: () => follower[Symbol.asyncIterator]() }
      },
    })
    await until(() => confirmedAt.length > 0)
    expect(sessions()).toEqual(['a', 'b', 'c'])
    away = true
    const turned = performance.now()
    await tell({ sessionId: 'd' })
    await until(() => ended.length === 4)
    away = false
    const back = performance.now()
    await until(() => confirmedAt.some((askedAtMs) => askedAtMs >= back))
    expect(confirmedAt.filter((askedAtMs) => askedAtMs >= turned && askedAtMs < back)).toEqual([])
  })

  it('are heard by every process', async () => {
    const others: string[] = []
    start()
    const second = followTokenEnds({ ...options, bus, ended: { end: ({ value }) => void others.push(value) } })
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
      expect(lines.join()).toContain('names nobody')
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
