import { describe, expect, it } from '@jest/globals'
import type { Caller } from '../../gateway-request.js'
import { createSessionRegistry, type SessionMember } from './session-registry.js'

const callerOf = (claims: Readonly<Record<string, unknown>>): Caller => ({
  principal: { userId: 'u', sessionId: 'unused', roles: [], permissions: new Set(), expiresAtSeconds: 0, claims },
  authorization: 'Bearer x',
  address: null,
})
const ofSession = (sid: string): Caller => callerOf({ sid })

function createMember(): SessionMember & { readonly told: () => number } {
  let count = 0
  return { sessionEnded: () => void (count += 1), told: () => count }
}

describe('the registry of sessions', () => {
  it('tells every member of a session that ends, once, and nobody else', () => {
    const registry = createSessionRegistry({ claim: 'sid' })
    const [first, second, third, other] = [createMember(), createMember(), createMember(), createMember()]
    for (const member of [first, second, third]) expect(registry.join(ofSession('a'), member)).toBe(true)
    registry.join(ofSession('b'), other)
    registry.end('a')
    registry.end('a')
    expect([first, second, third, other].map(({ told }) => told())).toEqual([1, 1, 1, 0])
    expect(registry.size).toBe(1)
  })

  it('tells nobody who has left, and keeps nothing of them', () => {
    const registry = createSessionRegistry({ claim: 'sid' })
    const [first, second, stranger] = [createMember(), createMember(), createMember()]
    registry.join(ofSession('a'), first)
    registry.leave(ofSession('a'), stranger)
    registry.join(ofSession('a'), second)
    registry.leave(ofSession('a'), first)
    registry.end('a')
    expect([first.told(), second.told()]).toEqual([0, 1])
    const late = createMember()
    registry.join(ofSession('b'), late)
    registry.leave(ofSession('b'), late)
    registry.leave(ofSession('b'), late)
    expect(registry.size).toBe(0)
  })

  it('lets a member leave while others are told', () => {
    const registry = createSessionRegistry({ claim: 'sid' })
    const second = createMember()
    registry.join(ofSession('a'), { sessionEnded: () => registry.leave(ofSession('a'), second) })
    registry.join(ofSession('a'), second)
    expect(() => registry.end('a')).not.toThrow()
    expect(registry.size).toBe(0)
  })

  it('lets nobody join a session that has ended, for as long as its tokens can live', () => {
    let nowMs = 0
    const registry = createSessionRegistry({ claim: 'sid', rememberMs: 1_000, now: () => nowMs })
    registry.end('a')
    registry.end('b', 600)
    registry.end('long ago', 1_000)
    expect(registry.join(ofSession('long ago'), createMember())).toBe(true)
    expect([ofSession('a'), ofSession('b')].map((caller) => registry.join(caller, createMember()))).toEqual([
      false,
      false,
    ])
    nowMs = 500
    expect(registry.join(ofSession('b'), createMember())).toBe(true)
    expect(registry.join(ofSession('a'), createMember())).toBe(false)
  })

  it('tells members of an end that was long ago as well', () => {
    const registry = createSessionRegistry({ claim: 'sid', rememberMs: 1_000 })
    const member = createMember()
    registry.join(ofSession('a'), member)
    registry.end('a', 86_400_000)
    expect(member.told()).toBe(1)
  })

  it('keeps a bounded number in mind, the newest', () => {
    const registry = createSessionRegistry({ claim: 'sid', maxRemembered: 2 })
    for (const session of ['a', 'b', 'c']) registry.end(session)
    const joined = ['a', 'b', 'c'].map((session) => registry.join(ofSession(session), createMember()))
    expect(joined).toEqual([true, false, false])
  })

  it('goes by the claim that configuration names, and passes over callers without it', () => {
    const registry = createSessionRegistry({ claim: 'login' })
    const [named, nameless, odd] = [createMember(), createMember(), createMember()]
    registry.join(callerOf({ login: 'x', sid: 'y' }), named)
    registry.join(callerOf({ sid: 'y' }), nameless)
    registry.join(callerOf({ login: 7 }), odd)
    registry.join({ principal: null, authorization: null, address: null }, nameless)
    expect(registry.size).toBe(1)
    registry.end('y')
    registry.end('x')
    expect([named, nameless, odd].map(({ told }) => told())).toEqual([1, 0, 0])
  })

  it('does nothing where no claim is named', () => {
    const registry = createSessionRegistry({ claim: null })
    const member = createMember()
    expect(registry.join(ofSession('a'), member)).toBe(true)
    registry.end('a')
    expect(member.told()).toBe(0)
  })
})
