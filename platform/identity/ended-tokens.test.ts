import { describe, expect, it } from '@jest/globals'
import { createEndedTokens, type EndableToken } from './ended-tokens.js'

const HOUR_MS = 3_600_000

const ofClaims = (claims: EndableToken['claims']): EndableToken => ({ claims })

/** What is kept in mind, and its clock. */
function remembering(maxRemembered?: number) {
  const clock = { now: 1_000 * HOUR_MS }
  const ended = createEndedTokens({
    claims: ['sid', 'sub', 'kid', 'sid'],
    rememberMs: HOUR_MS,
    now: () => clock.now,
    ...(maxRemembered !== undefined && { maxRemembered }),
  })
  const end = (claim: string, value: string, agoMs = 0) => ended.end({ claim, value, endedAtMs: clock.now - agoMs })
  return { clock, ended, end }
}

describe('ended tokens', () => {
  it('are those of an ended session, whenever they were issued', () => {
    const { clock, ended, end } = remembering()
    end('sid', 'a')
    const later = clock.now / 1_000 + 60
    expect([{ sid: 'a' }, { sid: 'a', iat: later }, { sid: 'b' }, {}].map((claims) => ended.has({ claims }))).toEqual([
      ...[true, true, false, false],
    ])
  })

  it('are those a person had until then, not those of a sign-in after it', () => {
    const { clock, ended, end } = remembering()
    end('sub', 'ada')
    const iat = clock.now / 1_000
    const of = [iat - 1, iat, iat + 1, undefined].map((issued) => ofClaims({ sub: 'ada', iat: issued }))
    expect(of.map((token) => ended.has(token))).toEqual([true, true, false, true])
    clock.now += 5_000
    end('sub', 'ada')
    end('sub', 'ada', 60_000) // told late
    expect(ended.has(ofClaims({ sub: 'ada', iat: iat + 1 }))).toBe(true)
  })

  it('are all of a revoked key, by the header and never by a claim of that name', () => {
    const { ended, end } = remembering()
    end('kid', 'k1')
    expect(ended.has({ claims: {}, keyId: 'k1' })).toBe(true)
    expect(ended.has({ claims: { kid: 'k1' }, keyId: 'k2' })).toBe(false)
  })

  it.each([[7], [null], [{ a: 1 }], [['a']], [true]])('are never those that say %j', (sid) => {
    const { ended, end } = remembering()
    end('sid', String(sid))
    expect(ended.has(ofClaims({ sid }))).toBe(false)
  })

  it('are forgotten when none of them can be good any more, and no sooner', () => {
    const { clock, ended, end } = remembering()
    end('sid', 'a')
    end('sid', 'long ago', HOUR_MS)
    expect(ended.size).toBe(1)
    clock.now += HOUR_MS - 1
    expect(ended.has(ofClaims({ sid: 'a' }))).toBe(true)
    clock.now += 1
    expect(ended.has(ofClaims({ sid: 'a' }))).toBe(false)
    end('sid', 'b')
    expect(ended.size).toBe(1)
  })

  it('dated tomorrow are kept no longer for it', () => {
    const { clock, ended, end } = remembering()
    end('sid', 'a', -24 * HOUR_MS)
    clock.now += HOUR_MS
    expect(ended.has(ofClaims({ sid: 'a' }))).toBe(false)
  })

  it('are a bounded number, the newest', () => {
    const { ended, end } = remembering(2)
    for (const session of ['a', 'b', 'c']) end('sid', session)
    expect(['a', 'b', 'c'].map((sid) => ended.has(ofClaims({ sid })))).toEqual([false, true, true])
    expect(ended.size).toBe(2)
  })

  it('are told to listeners, those of long ago as well, until they stop', () => {
    const { ended, end } = remembering()
    const told: string[] = []
    const stop = ended.onEnd(({ value }) => void told.push(value))
    end('sid', 'a')
    end('sid', 'b', 24 * HOUR_MS)
    stop()
    end('sid', 'c')
    expect(told).toEqual(['a', 'b'])
  })
})
