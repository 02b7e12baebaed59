import { describe, expect, it } from '@jest/globals'
import type { Caller } from '../../gateway-request.js'
import { createEndedTokens } from '../../../platform/identity/ended-tokens.js'
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

/** A registry, and a hand on what it hears. */
function openRegistry(...claims: string[]) {
  const ended = createEndedTokens({ claims })
  const registry = createSessionRegistry(claims, ended)
  const end = (value: string, claim = 'sid', endedAtMs = Date.now()) => ended.end({ claim, value, endedAtMs })
  return { registry, end }
}

describe('the registry of sessions', () => {
  it('tells every member of a session that ends, once, and nobody else', () => {
    const { registry, end } = openRegistry('sid')
    const [first, second, third, other] = [createMember(), createMember(), createMember(), createMember()]
    for (const member of [first, second, third]) expect(registry.join(ofSession('a'), member)).toBe(true)
    registry.join(ofSession('b'), other)
    end('a')
    end('a')
    expect([first, second, third, other].map(({ told }) => told())).toEqual([1, 1, 1, 0])
    expect(registry.size).toBe(1)
  })

  it('tells nobody who has left, and keeps nothing of them', () => {
    const { registry, end } = openRegistry('sid')
    const [first, second, stranger] = [createMember(), createMember(), createMember()]
    registry.join(ofSession('a'), first)
    registry.leave(ofSession('a'), stranger)
    registry.join(ofSession('a'), second)
    registry.leave(ofSession('a'), first)
    end('a')
    expect([first.told(), second.told()]).toEqual([0, 1])
    const late = createMember()
    registry.join(ofSession('b'), late)
    registry.leave(ofSession('b'), late)
    registry.leave(ofSession('b'), late)
    expect(registry.size).toBe(0)
  })

  it('lets a member leave while others are told', () => {
    const { registry, end } = openRegistry('sid')
    const second = createMember()
    registry.join(ofSession('a'), { sessionEnded: () => registry.leave(ofSession('a'), second) })
    registry.join(ofSession('a'), second)
    expect(() => end('a')).not.toThrow()
    expect(registry.size).toBe(0)
  })

  it('lets nobody join a session that has ended', () => {
    const { registry, end } = openRegistry('sid')
    end('a')
    expect(['a', 'b'].map((session) => registry.join(ofSession(session), createMember()))).toEqual([false, true])
  })

  it('tells by each claim, and once where two of them end', () => {
    const { registry, end } = openRegistry('sid', 'sub')
    const [one, other] = [createMember(), createMember()]
    registry.join(callerOf({ sid: 'a', sub: 'ada', iat: 1 }), one)
    registry.join(callerOf({ sid: 'b', sub: 'ada', iat: 1 }), other)
    end('a')
    end('ada', 'sub')
    expect([one.told(), other.told(), registry.size]).toEqual([1, 1, 0])
  })

  it('spares a person’s tokens that were issued after the end of the others', () => {
    const { registry, end } = openRegistry('sub')
    const [before, after] = [createMember(), createMember()]
    registry.join(callerOf({ sub: 'ada', iat: 100 }), before)
    registry.join(callerOf({ sub: 'ada', iat: 102 }), after)
    end('ada', 'sub', 101_000)
    expect([before.told(), after.told()]).toEqual([1, 0])
  })

  it('tells nobody any more once closed', () => {
    const { registry, end } = openRegistry('sid')
    const member = createMember()
    registry.join(ofSession('a'), member)
    registry.close()
    end('a')
    expect(member.told()).toBe(0)
  })

  it('tells members of an end that was long ago as well', () => {
    const { registry, end } = openRegistry('sid')
    const member = createMember()
    registry.join(ofSession('a'), member)
    end('a', 'sid', Date.now() - 86_400_000)
    expect(member.told()).toBe(1)
  })

  it('goes by the claim that configuration names, and passes over callers without it', () => {
    const { registry, end } = openRegistry('login')
    const [named, nameless, odd] = [createMember(), createMember(), createMember()]
    registry.join(callerOf({ login: 'x', sid: 'y' }), named)
    registry.join(callerOf({ sid: 'y' }), nameless)
    registry.join(callerOf({ login: 7 }), odd)
    registry.join({ principal: null, authorization: null, address: null }, nameless)
    expect(registry.size).toBe(1)
    end('y', 'login')
    end('x', 'login')
    expect([named, nameless, odd].map(({ told }) => told())).toEqual([1, 0, 0])
  })

  it('does nothing where nothing tells of ends', () => {
    const registry = createSessionRegistry(['sid'], null)
    expect(registry.join(ofSession('a'), createMember())).toBe(true)
    expect(registry.size).toBe(0)
  })
})
