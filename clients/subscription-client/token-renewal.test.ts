import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { WebSocket } from 'ws'
import { until } from '../../tests/support/until.js'
import {
  createScriptedLog,
  startScriptedGateway,
  type ScriptedGateway,
  type ScriptedLog,
} from './fixtures/scripted-gateway.js'
import { createSubscriptionClient } from './subscription-client.js'
import { tokenLifetimeMs } from './token-lifetime.js'

const Count: TypedDocumentNode<{ counted: number }, Record<string, never>> = parse('subscription Count { counted }')

const tokenOf = (claims: Readonly<Record<string, unknown>>) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.')

/** A source of tokens that live so long, each another. */
const tokenSource = (lifetimeSeconds: number) => {
  const given: string[] = []
  return {
    given,
    next() {
      const now = Date.now() / 1_000
      const token = tokenOf({ iat: now, exp: now + lifetimeSeconds, jti: given.length, said: 'ÿ>?' })
      given.push(token)
      return token
    },
  }
}

describe('the lifetime of a token', () => {
  const token = tokenOf({ iat: 1_000, exp: 1_900 })
  it('is what is left of it', () => {
    expect(tokenLifetimeMs(token, 1_100_000)).toBe(800_000)
    expect(tokenLifetimeMs(token, 999_000)).toBe(900_000) // clocks differ by a second
  })
  it('is all of it where the clock of this machine can’t be right', () => {
    expect(tokenLifetimeMs(token, 9_000_000)).toBe(900_000)
    expect(tokenLifetimeMs(token, 0)).toBe(900_000)
  })
  it('is unknown of what is no JSON Web Token', () => {
    expect(tokenLifetimeMs('opaque')).toBeNull()
    expect(tokenLifetimeMs('a.b.c')).toBeNull()
    expect(tokenLifetimeMs(tokenOf({ sub: 'x' }))).toBeNull()
  })
})

describe('a connection with a token', () => {
  let log: ScriptedLog
  let gateway: ScriptedGateway
  let close: () => Promise<void>
  const open = (accessToken: () => string | null) => {
    const timing = { longestWaitMs: 20, renewBeforeMs: 30_000 }
    const client = createSubscriptionClient({ url: gateway.url, webSocketImpl: WebSocket, accessToken, timing })
    close = () => client.close()
    return client
  }

  beforeEach(async () => {
    log = createScriptedLog()
    gateway = await startScriptedGateway(log)
  })
  afterEach(async () => {
    await close()
    await gateway.stop()
  })

  it('sends it first, and a newer one over the same socket before it expires', async () => {
    const source = tokenSource(2)
    const stream = open(source.next).subscribe(Count, {}, { cursor: 'after-0' })
    log.append()
    await stream.next()
    expect(gateway.inits).toEqual([{ authorization: `Bearer ${source.given[0]}` }])
    await until(() => gateway.pings.length === 2)
    expect(gateway.pings).toEqual(source.given.slice(1).map((token) => ({ authorization: `Bearer ${token}` })))
    expect(gateway.inits).toHaveLength(1)
  })

  it('is renewed when a stream has ended for its age, which then goes on', async () => {
    const source = tokenSource(900)
    const client = open(source.next)
    const streams = [
      client.subscribe(Count, {}, { cursor: 'after-0' }),
      client.subscribe(Count, {}, { cursor: 'after-0' }),
    ]
    log.append()
    for (const stream of streams) await stream.next()
    gateway.end('SUBSCRIPTION_TOKEN_EXPIRED')
    log.append()
    for (const stream of streams) expect((await stream.next()).value).toMatchObject({ data: { counted: 2 } })
    expect(gateway.pings).toEqual([{ authorization: `Bearer ${source.given[1]}` }])
  })

  it('ends a stream with the gateway’s code where there is no newer token, or none that is accepted', async () => {
    const only = tokenOf({ iat: Date.now() / 1_000, exp: Date.now() / 1_000 + 900 })
    const expired = expect(
      open(() => only)
        .subscribe(Count, {}, { cursor: 'after-0' })
        .next(),
    ).rejects
    await until(() => gateway.live() === 1)
    gateway.end('SUBSCRIPTION_TOKEN_EXPIRED')
    await expired.toMatchObject({ code: 'SUBSCRIPTION_TOKEN_EXPIRED' })
    await close()

    gateway.answerPings({ code: 'AUTH_TOKEN_INVALID' })
    const refused = expect(open(tokenSource(900).next).subscribe(Count, {}, { cursor: 'after-0' }).next()).rejects
    await until(() => gateway.live() === 1)
    gateway.end('SUBSCRIPTION_TOKEN_EXPIRED')
    await refused.toMatchObject({ code: 'SUBSCRIPTION_TOKEN_EXPIRED' })
  })

  it('is made again with a newer token when the gateway closed for its age, but not again and again', async () => {
    const source = tokenSource(900)
    const stream = open(source.next).subscribe(Count, {}, { cursor: 'after-0' })
    log.append()
    await stream.next()
    gateway.close(4401, 'AUTH_TOKEN_EXPIRED')
    log.append()
    expect((await stream.next()).value).toMatchObject({ data: { counted: 2 } })
    expect(gateway.inits).toEqual(source.given.map((token) => ({ authorization: `Bearer ${token}` })))
  })
})
