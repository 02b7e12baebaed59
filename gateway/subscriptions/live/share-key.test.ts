import { describe, expect, it } from '@jest/globals'
import type { Requirement } from '../../authorization/requirement.js'
import { EVERYTHING } from '../../operation/written-down.js'
import { callerOf } from './fixtures/scripted-hub.js'
import { shareKeyOf, type ShareKeyParts } from './share-key.js'

const plan = {}
const needing = (...requirements: readonly Requirement[]): ShareKeyParts['needs'] => ({
  fields: new Map(),
  requirements,
  policies: requirements.flatMap((one) => (one.kind === 'policies' ? one.anyOf.flat() : [])),
  writtenDown: EVERYTHING,
})
const partsOf = (caller = callerOf('ada'), more: Partial<ShareKeyParts> = {}): ShareKeyParts => ({
  request: { variables: { id: 1 }, caller, headers: {} },
  plan,
  fetches: true,
  needs: null,
  extensions: null,
  forwardHeaders: [],
  ...more,
})
const share = (one: ShareKeyParts, other: ShareKeyParts, audience: readonly string[] | null = null) =>
  shareKeyOf(one, audience) === shareKeyOf(other, audience)

const passedOn = (authorization: string | null) => ({ principal: null, authorization, address: null })

describe('an execution is shared', () => {
  it('by one person’s subscriptions, not by two persons’', () => {
    expect(share(partsOf(), partsOf(callerOf('ada', { tier: 2 }, 9)))).toBe(true)
    expect(share(partsOf(), partsOf(callerOf('bob')))).toBe(false)
    expect(share(partsOf(), partsOf(passedOn(null)))).toBe(false)
  })

  it('by those who agree in the claims of the audience', () => {
    const [one, other] = [partsOf(callerOf('ada', { tier: 1 })), partsOf(callerOf('bob', { tier: 2 }))]
    expect(share(one, other, [])).toBe(true)
    expect(share(one, other, ['tier'])).toBe(false)
    expect(share(one, partsOf(callerOf('bob', { tier: 1 })), ['tier'])).toBe(true)
    expect(share(one, partsOf(passedOn(null)), [])).toBe(false)
  })

  it('by everybody where nothing is fetched', () => {
    const fetches = false
    expect(share(partsOf(callerOf('ada'), { fetches }), partsOf(passedOn('Bearer x'), { fetches }))).toBe(true)
  })

  it('by one token only where tokens are passed on without anybody being known', () => {
    expect(share(partsOf(passedOn('Bearer x')), partsOf(passedOn('Bearer x')), [])).toBe(true)
    expect(share(partsOf(passedOn('Bearer x')), partsOf(passedOn('Bearer y')), [])).toBe(false)
    expect(shareKeyOf(partsOf(passedOn('Bearer secret')), [])).not.toContain('secret')
  })

  it('never across plans, variables or headers that subgraphs are sent', () => {
    expect(share(partsOf(), partsOf(callerOf('ada'), { plan: {} }))).toBe(false)
    const other = { variables: { id: 2 }, caller: callerOf('ada'), headers: {} }
    expect(share(partsOf(), partsOf(callerOf('ada'), { request: other }))).toBe(false)
    const in_ = (tenant: string) =>
      partsOf(callerOf('ada'), {
        forwardHeaders: ['x-tenant'],
        request: { variables: {}, caller: callerOf('ada'), headers: { 'x-tenant': tenant } },
      })
    expect(share(in_('a'), in_('b'), [])).toBe(false)
  })

  it('by nobody else where policies decide, nor where a sign-in ages', () => {
    const policies = needing({ kind: 'policies', anyOf: [['own']] })
    const asked = (caller: ReturnType<typeof callerOf>) => partsOf(caller, { needs: policies, fetches: false })
    expect(share(asked(callerOf('ada')), asked(callerOf('bob')), [])).toBe(false)
    const aging = needing({ kind: 'acr', acr: 'gold', maxAgeSeconds: 60 })
    const signedIn = (at: number) => partsOf(callerOf('ada', { auth_time: at }), { needs: aging, fetches: false })
    expect(share(signedIn(1), signedIn(1), [])).toBe(true)
    expect(share(signedIn(1), signedIn(2), [])).toBe(false)
  })
})
