import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { Bus } from '../../platform/bus/bus.js'
import { createAccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'
import { openTokenEnds } from '../../platform/identity/open-token-ends.js'
import { createLogger } from '../../platform/log/logger.js'
import { openSigningKeys } from '../../subgraphs/auth/tokens/signing-keys.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, newNamespace } from '../support/nats-namespace.js'
import { startNats, type PrivateServer } from '../support/private-servers.js'
import { startTestGateway, type TestGateway } from '../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../support/test-subgraphs.js'
import { createTestIssuer, type TestIssuer } from '../support/test-tokens.js'
import { until } from '../support/until.js'

/*
 * Gateways as they are in production, but for the namespace of their bus: each on a connection of its own, with keys read from
 * auth's address, on a NATS that is killed.
 */
const sources = [{ subject: 'events.session.ended', field: 'sessionId', claim: 'sid' }]
const logger = createLogger({ service: 'test', level: 'silent' })

await describeWithEngine('nats-server', 'ended tokens when the bus dies', () => {
  let nats: PrivateServer
  let issuer: TestIssuer
  let keySet: Server
  let graph: TestGraph
  let namespace: string
  let auth: Bus
  let opened: (() => Promise<void>)[]

  beforeAll(async () => {
    issuer = await createTestIssuer()
    const { publicSet } = await openSigningKeys(issuer.signingKeys)
    keySet = createServer((_req, res) => res.end(JSON.stringify(publicSet))).listen(0, '127.0.0.1')
    await once(keySet, 'listening')
    graph = await startTestSubgraphs({ things: { typeDefs: 'type Query { thing: Int }' } })
  })
  afterAll(async () => {
    await graph.close()
    keySet.close()
  })
  beforeEach(async () => {
    opened = []
    nats = await startNats()
    namespace = newNamespace()
    auth = await connectTestBus(nats.url, namespace)
  })
  afterEach(async () => {
    for (const close of opened.reverse()) await close()
    await auth.close()
    await nats.close()
  })

  async function replica(staleMs?: number): Promise<TestGateway> {
    const bus = await connectTestBus(nats.url, namespace)
    const tokenEnds = await openTokenEnds({ bus, sources, logger, ...(staleMs !== undefined && { staleMs }) })
    const { issuer: iss, audience } = issuer
    const keys = new URL(`http://127.0.0.1:${(keySet.address() as AddressInfo).port}/`)
    const gateway = await startTestGateway(graph.supergraph, {
      parts: { bus, tokenEnds, verifier: createAccessTokenVerifier({ issuer: iss, audience, keys, ends: tokenEnds }) },
    })
    opened.push(() => bus.close(), tokenEnds.close, gateway.close)
    return gateway
  }

  const end = (sessionId: string) =>
    auth.publish('events.session.ended', {
      id: crypto.randomUUID(),
      type: 'session.ended',
      version: 1,
      occurredAt: new Date().toISOString(),
      traceId: 't',
      data: { sessionId },
    })

  async function signedIn() {
    const sessionId = crypto.randomUUID()
    const headers = { authorization: `Bearer ${await issuer.token({ sessionId })}` }
    const codeAt = async (gateway: TestGateway) =>
      (await gateway.ask('{ thing }', { headers })).errors?.[0]?.extensions.code ?? 'good'
    return { sessionId, codeAt }
  }

  const readiness = async (gateway: TestGateway) => {
    const { checks } = await (await fetch(gateway.url.replace('/graphql', '/ready'))).json()
    return checks['ended tokens'].status
  }

  it('an end on one replica is known to all, and to one that starts later before it answers', async () => {
    const [one, two] = [await replica(), await replica()]
    const [ada, eve] = [await signedIn(), await signedIn()]
    expect([await ada.codeAt(one), await ada.codeAt(two), await eve.codeAt(one)]).toEqual(['good', 'good', 'good'])
    await end(ada.sessionId)
    for (const gateway of [one, two]) await until(async () => (await ada.codeAt(gateway)) === 'AUTH_TOKEN_INVALID')
    const late = await replica()
    expect([await ada.codeAt(late), await eve.codeAt(late)]).toEqual(['AUTH_TOKEN_INVALID', 'good'])
  })

  it('what was told while a gateway could not hear is caught up with after a restart of the bus', async () => {
    const gateway = await replica()
    const [before, during] = [await signedIn(), await signedIn()]
    await end(before.sessionId)
    await until(async () => (await before.codeAt(gateway)) === 'AUTH_TOKEN_INVALID')
    await nats.kill()
    expect(await during.codeAt(gateway)).toBe('good') // logged out by now, and nobody can tell this gateway
    expect(await before.codeAt(gateway)).toBe('AUTH_TOKEN_INVALID')
    const told = end(during.sessionId) // as the outbox does, again and again until it is stored
    await nats.restart()
    await told
    await until(async () => (await during.codeAt(gateway)) === 'AUTH_TOKEN_INVALID', 20_000)
    expect(await before.codeAt(gateway)).toBe('AUTH_TOKEN_INVALID')
  })

  it('a gateway that has heard nothing for too long takes fresh tokens alone, says so, and recovers', async () => {
    const gateway = await replica(3_000)
    const old = { authorization: `Bearer ${await issuer.token({ expiresInSeconds: 600 })}` } // issued 300 s ago
    const codeOf = async (headers: Record<string, string>) =>
      (await gateway.ask('{ thing }', { headers })).errors?.[0]?.extensions.code ?? 'good'
    expect(await codeOf(old)).toBe('good')
    expect(await readiness(gateway)).toBe('up')
    await nats.kill()
    await until(async () => (await codeOf(old)) === 'AUTH_TOKEN_EXPIRED', 20_000)
    expect(await codeOf({ authorization: `Bearer ${await issuer.token()}` })).toBe('good')
    await until(async () => (await readiness(gateway)) === 'degraded', 20_000)
    await nats.restart()
    await until(async () => (await codeOf(old)) === 'good', 20_000)
    await until(async () => (await readiness(gateway)) === 'up', 20_000)
  })
})
