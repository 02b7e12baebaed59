import { afterEach, describe, expect, it, jest } from '@jest/globals'
import type { Caller } from '../../gateway-request.js'
import { createSessionRegistry } from '../sessions/session-registry.js'
import { createTokenDesk, type TokenInUse } from './token-in-use.js'

const DAY_SECONDS = 86_400

function callerFor(seconds: number): Caller {
  const expiresAtSeconds = Date.now() / 1000 + seconds
  const principal = { userId: 'ada', sessionId: 's', roles: [], permissions: new Set<string>(), expiresAtSeconds }
  return { principal: { ...principal, claims: { sid: 's' } }, authorization: 'Bearer x', address: null }
}

function open(seconds: number) {
  let nowMs = 0
  jest.spyOn(Date, 'now').mockReturnValue(Date.now()) // else a millisecond may pass until the token is taken
  const desk = createTokenDesk(createSessionRegistry([], null), () => nowMs)
  const endings: unknown[] = []
  const token = desk.take(callerFor(seconds), { tokenEnded: ({ ended }: TokenInUse) => void endings.push(ended) })
  if (token === null) throw new Error('not taken')
  const pass = (untilSeconds: number) => {
    nowMs = untilSeconds * 1000
    desk.tick()
  }
  return { desk, token, endings, pass }
}

afterEach(() => {
  jest.restoreAllMocks()
})

describe('a token in use', () => {
  it('ends when its time is over, once', () => {
    const { token, endings, pass } = open(60)
    pass(59)
    expect([endings, token.expiresInMs]).toEqual([[], 1_000])
    pass(60)
    pass(61)
    expect(endings).toEqual(['SUBSCRIPTION_TOKEN_EXPIRED'])
    expect([token.ended, token.endedForMs]).toEqual(['SUBSCRIPTION_TOKEN_EXPIRED', 1_000])
  })

  it.each([-10 * DAY_SECONDS, 10 * DAY_SECONDS])('keeps its time where the clock is moved by %i s', (seconds) => {
    const { token, endings, pass } = open(60)
    const moved = Date.now() + seconds * 1000
    jest.spyOn(Date, 'now').mockReturnValue(moved)
    pass(59)
    expect([endings, token.expiresInMs]).toEqual([[], 1_000])
    pass(60)
    expect(endings).toHaveLength(1)
  })

  it('may last longer than timers can, or for ever', () => {
    const { endings, pass } = open(400 * DAY_SECONDS)
    pass(399 * DAY_SECONDS)
    expect(endings).toEqual([])
    pass(401 * DAY_SECONDS)
    expect(endings).toHaveLength(1)
    const desk = createTokenDesk(createSessionRegistry([], null), () => 0)
    const anonymous = desk.take({ principal: null, authorization: null, address: null }, { tokenEnded: () => {} })
    expect([anonymous?.expiresInMs, desk.size]).toEqual([null, 0])
  })

  it('is good again, and for as long as the new one, when it is replaced', () => {
    const { token, endings, pass } = open(60)
    pass(30)
    expect(token.replace(callerFor(60))).toBe(true)
    pass(89)
    expect(endings).toEqual([])
    pass(90)
    expect(endings).toHaveLength(1)
    expect(token.replace(callerFor(60))).toBe(true)
    expect(token.ended).toBeNull()
  })

  it('is not watched once released', () => {
    const { desk, token, endings, pass } = open(60)
    token.release()
    expect(desk.size).toBe(0)
    pass(61)
    expect(endings).toEqual([])
  })
})
