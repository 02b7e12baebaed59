import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createTestIssuer } from '../../tests/support/test-tokens.js'
import { until } from '../../tests/support/until.js'
import { BusUnavailableError, type Bus } from '../bus/bus.js'
import { createInProcessBus } from '../bus/in-process-bus.js'
import { createLogger } from '../log/logger.js'
import { createAccessTokenVerifier } from './access-token-verifier.js'
import { openTokenEnds, type TokenEnds } from './open-token-ends.js'

const STALE_MS = 60_000
const logger = createLogger({ service: 'test', level: 'silent' })
const sources = [
  { subject: 'events.session.ended', field: 'sessionId', claim: 'sid' },
  { subject: 'events.key.revoked', field: 'keyId', claim: 'kid' },
]

let bus: Bus
/** Whether the bus says nothing, as one that is away. */
let away: boolean
let clock: number
let ends: TokenEnds | undefined

const tell = (subject: string, data: unknown) =>
  bus.publish(subject, {
    id: randomUUID(),
    type: 'x',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: 't',
    data,
  })

/** Time as the process sees it passes only by hand. */
async function open(openWaitMs?: number): Promise<TokenEnds> {
  const startedAt = Date.now()
  const offset = clock
  ends = await openTokenEnds({
    bus: {
      async follow(...from) {
        if (away) throw new BusUnavailableError()
        const follower = await bus.follow(...from)
        const isCurrent = () => (away ? Promise.reject(new BusUnavailableError()) : follower.isCurrent())
        return { ...follower, isCurrent, [Symbol.asyncIterator]: () => follower[Symbol.asyncIterator]() }
      },
    },
    sources,
    logger,
    staleMs: STALE_MS,
    confirmEveryMs: 1,
    retryMs: 1,
    now: () => startedAt + clock - offset,
    monotonic: () => clock,
    ...(openWaitMs !== undefined && { openWaitMs }),
  })
  return ends
}

/** A token issued so long after (before, where negative) now. */
const issued = (inMs: number) => ({ claims: { sid: 's', iat: (Date.now() + inMs) / 1_000 } })

beforeEach(() => {
  bus = createInProcessBus({ logger })
  away = false
  clock = 5_000_000
})
afterEach(async () => {
  await ends?.close()
  await bus.close()
})

describe('what a process knows of ended tokens', () => {
  it('is all that was told before, as soon as it is open', async () => {
    await tell('events.session.ended', { sessionId: 'a' })
    const { refusalOf, refused } = await open()
    expect(refusalOf({ claims: { sid: 'a' } })).toBe('ended')
    expect(refusalOf({ claims: { sid: 'b' } })).toBeNull()
    expect(refused).toEqual({ ended: 1, unconfirmed: 0 })
  })

  it('is enough for a while after the bus went away, and then only for tokens issued since', async () => {
    const opened = await open()
    await expect(opened.health.check()).resolves.toBeUndefined()
    away = true
    clock += STALE_MS - 1_000
    expect(opened.refusalOf(issued(-600_000))).toBeNull()
    await expect(opened.health.check()).rejects.toThrow(BusUnavailableError)
    expect(opened.health.whenFailing).toBe('degraded')
    clock += 2_000
    expect(opened.refusalOf(issued(-600_000))).toBe('unconfirmed')
    expect(opened.refusalOf({ claims: { sid: 's' } })).toBe('unconfirmed')
    expect(opened.refusalOf(issued(5_000))).toBeNull()
    clock += STALE_MS
    expect(opened.refusalOf(issued(5_000))).toBe('unconfirmed')
    expect(opened.refused).toEqual({ ended: 0, unconfirmed: 3 })

    away = false
    await tell('events.session.ended', { sessionId: 'meanwhile' })
    await until(() => opened.knownForMs === 0)
    expect(opened.refusalOf(issued(-600_000))).toBeNull()
    expect(opened.refusalOf({ claims: { sid: 'meanwhile' } })).toBe('ended')
  })

  it('is nothing in a process that starts while the bus is away: it is not ready, and takes only fresh tokens', async () => {
    away = true
    const opened = await open(1)
    expect(opened.knownForMs).toBe(Infinity)
    expect(opened.health.whenFailing).toBe('down')
    await expect(opened.health.check()).rejects.toThrow(BusUnavailableError)
    expect(opened.refusalOf(issued(-600_000))).toBe('unconfirmed')
    expect(opened.refusalOf(issued(-1_000))).toBeNull()
    await tell('events.session.ended', { sessionId: 's' })
    away = false
    await until(() => opened.refusalOf(issued(-1_000)) === 'ended')
    await until(() => opened.health.whenFailing === 'degraded')
  })

  it('makes a verifier refuse what it has just accepted, and remembers', async () => {
    const { issuer, audience, signingKeys, token } = await createTestIssuer()
    const opened = await open()
    const keys = async () => {
      const { kty, crv, x } = signingKeys[0] ?? {}
      return { kty, crv, x, alg: 'EdDSA' }
    }
    const verifier = createAccessTokenVerifier({ issuer, audience, keys, ends: opened })
    const [sessionId, other] = [randomUUID(), randomUUID()]
    const [ended, good] = [await token({ sessionId }), await token({ sessionId: other })]
    await verifier.verify(ended)
    await verifier.verify(good)
    await tell('events.session.ended', { sessionId })
    await until(() => opened.size === 1)

    const refusal = { code: 'AUTH_TOKEN_INVALID', message: 'This session was ended: sign in again.' }
    expect(() => verifier.verify(ended)).toThrow(expect.objectContaining(refusal))
    await expect(
      createAccessTokenVerifier({ issuer, audience, keys, ends: opened }).verify(ended),
    ).rejects.toMatchObject(refusal)
    expect((await verifier.verify(good)).sessionId).toBe(other)

    const keyId = (await verifier.verify(good)).keyId
    expect(keyId).toBeDefined()
    await tell('events.key.revoked', { keyId })
    await until(() => opened.size === 2)
    expect(() => verifier.verify(good)).toThrow(expect.objectContaining(refusal))
  })
})
