import { describe, expect, it } from '@jest/globals'
import type { Principal } from './principal.js'
import { createVerifiedTokens } from './verified-tokens.js'

const principal: Principal = {
  userId: 'u',
  sessionId: 's',
  roles: [],
  permissions: new Set(),
  expiresAtSeconds: 1_000,
  claims: {},
}

describe('verified tokens', () => {
  it('are forgotten with the keys they were verified by, those among them that were on their way', () => {
    const tokens = createVerifiedTokens({ now: () => 0 })
    const { era } = tokens
    tokens.remember('a', principal, era)
    expect(tokens.find('a')).toBe(principal)
    tokens.forget()
    tokens.remember('b', principal, era)
    expect([tokens.find('a'), tokens.find('b')]).toEqual([undefined, undefined])
  })

  it('are no more than 5,000', () => {
    const tokens = createVerifiedTokens({ now: () => 0 })
    for (let number = 0; number <= 5_000; number += 1) tokens.remember(`${number}`, principal, tokens.era)
    expect(tokens.find('0')).toBeUndefined()
    expect(tokens.find('1')).toBe(principal)
  })
})
