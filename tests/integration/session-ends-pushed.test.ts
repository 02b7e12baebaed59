import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openSocketClient, type SocketClient } from '../../gateway/subscriptions/doors/fixtures/socket-client.js'
import type { Bus, Follower } from '../../platform/bus/bus.js'
import { describeWithEngine } from '../support/engines.js'
import { eventDirectives, publishOn } from '../support/live-gateway.js'
import { connectTestBus, dropNamespace, newNamespace } from '../support/nats-namespace.js'
import { startTestGateway, type TestGateway } from '../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../support/test-subgraphs.js'
import { createTestIssuer, type TestIssuer } from '../support/test-tokens.js'
import { createGate, until } from '../support/until.js'

/*
 * The end of a session, from the bus to its streams: two gateways, each on a connection of its own. Once they have opened, the
 * broker is asked for nothing more by them: neither whether they know everything, nor to be read again. So what they
 * hear, they are told.
 */
const STREAMS = 20 // of the session, on each gateway

/** A bus that says once that everything is known, as a gateway opens; later questions are counted, and not answered. */
function onceAsked(bus: Bus): { readonly bus: Bus; asked(): number; isSilent(): boolean } {
  let [asked, isSilent] = [0, false]
  const silent = (follower: Follower): Follower => {
    let isKnown = false
    const closed = createGate()
    return {
      ...follower,
      async isCurrent() {
        if (isKnown) {
          asked += 1
          isSilent = true
          await closed.opened
          return false
        }
        isKnown = await follower.isCurrent()
        return isKnown
      },
      close() {
        closed.open()
        return follower.close()
      },
    }
  }
  const follow: Bus['follow'] = async (subject, from) => {
    asked += 1
    return silent(await bus.follow(subject, from))
  }
  return { bus: { ...bus, follow }, asked: () => asked, isSilent: () => isSilent }
}

await describeWithEngine('nats', 'the end of a session, as two gateways hear of it', (url) => {
  const namespace = newNamespace()
  let graph: TestGraph
  let issuer: TestIssuer
  let auth: Bus
  let gateways: { readonly gateway: TestGateway; readonly bus: Bus; asked(): number; isSilent(): boolean }[] = []

  beforeAll(async () => {
    issuer = await createTestIssuer()
    graph = await startTestSubgraphs({
      events: {
        url: 'nats://events',
        typeDefs: `${eventDirectives} type Subscription { moved: Moved @eventStream(subject: "progress.moved", replay: ALL) }
          type Moved { state: String! }`,
      },
      things: { typeDefs: 'type Query { thing: Int }' },
    })
    auth = await connectTestBus(url(), namespace)
    const replica = async () => {
      const own = await connectTestBus(url(), namespace)
      const { bus, asked, isSilent } = onceAsked(own)
      const environment = { TOKEN_ENDS: 'events.session.ended sessionId=sid' }
      return {
        gateway: await startTestGateway(graph.supergraph, { environment, parts: { bus, verifier: issuer.verifier } }),
        bus: own,
        asked,
        isSilent,
      }
    }
    gateways = [await replica(), await replica()]
  })
  afterAll(async () => {
    for (const { gateway, bus } of gateways) {
      await gateway.close()
      await bus.close()
    }
    await auth.close()
    await graph.close()
    await dropNamespace(url(), namespace)
  })

  async function following(token: string, { gateway }: { readonly gateway: TestGateway }): Promise<SocketClient> {
    const client = await openSocketClient(gateway.url.replace('http', 'ws'))
    client.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
    await client.next()
    for (let id = 0; id < STREAMS; id += 1) {
      client.send({ id: String(id), type: 'subscribe', payload: { query: 'subscription { moved { state } }' } })
      expect(await client.next()).toMatchObject({ id: String(id), payload: { data: { moved: { state: 'BEGUN' } } } })
    }
    return client
  }

  it('is pushed to each of them and ends all its streams there, and no other', async () => {
    await publishOn(auth, 'progress.moved', { state: 'BEGUN' })
    const sessionId = crypto.randomUUID()
    const token = await issuer.token({ sessionId })
    const clients = await Promise.all(gateways.map((replica) => following(token, replica)))
    const others = await Promise.all(gateways.map(async (replica) => following(await issuer.token(), replica)))
    await until(() => gateways.every((replica) => replica.isSilent()), 30_000)
    const asked = gateways.map((replica) => replica.asked())
    const pushed = performance.now()
    await publishOn(auth, 'events.session.ended', { sessionId })
    const stored = performance.now()
    const took = await Promise.all(
      clients.map(async (client) => {
        const last: unknown[] = []
        for (let count = 0; count < STREAMS; count += 1) last.push(await client.next())
        expect(last).toEqual(
          Array.from({ length: STREAMS }, (_, id) =>
            expect.objectContaining({
              id: String(id),
              type: 'error',
              payload: [
                expect.objectContaining({
                  extensions: expect.objectContaining({ code: 'SUBSCRIPTION_SESSION_ENDED' }),
                }),
              ],
            }),
          ),
        )
        return performance.now() - pushed
      }),
    )
    expect(gateways.map((replica) => replica.asked())).toEqual(asked)
    await publishOn(auth, 'progress.moved', { state: 'ON' })
    for (const other of others) {
      expect(await other.next()).toMatchObject({ payload: { data: { moved: { state: 'ON' } } } })
    }
    const ms = (value: number) => value.toFixed(1)
    process.stdout.write(
      `    pushed: the bus had it after ${ms(stored - pushed)} ms, ${STREAMS} streams on each gateway had ended after ${took.map(ms).join(' and ')} ms\n`,
    )
  })
})
