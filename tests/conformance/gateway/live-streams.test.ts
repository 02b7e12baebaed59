import type { ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import type { RecordingSink } from '../../../gateway/subscriptions/live/fixtures/recording-sink.js'
import type { LiveRequest } from '../../../gateway/subscriptions/live/live-operation.js'
import type { Principal } from '../../../platform/identity/principal.js'
import { eventDirectives, useLiveGateway } from '../../support/live-gateway.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'

/* Live streams as doors open them: over a real supergraph, real subgraphs and the bus of one process. */

const directives = eventDirectives.replace('import: ["@key",', 'import: ["@key", "@shareable",')
const eventsSdl = (more = '') => `${directives}
  type Subscription {
    moved(id: ID!): Moved! @eventStream(subject: "progress.parcel.{args.id}", audience: [] ${more})
    mine(id: ID!): Moved! @eventStream(subject: "progress.parcel.{args.id}")
    watched(id: ID!): Moved @eventStream(subject: "progress.parcel.{args.id}", audience: [], snapshot: "latest")
  }
  type Moved @shareable { state: String!  kilometres: Int  parcel: Parcel }
  type Parcel @key(fields: "id", resolvable: false) { id: ID! }`

const parcels = {
  typeDefs: `
    type Query { latest(id: ID!): Moved }
    type Moved @shareable { state: String!  kilometres: Int  parcel: Parcel }
    type Parcel @key(fields: "id") { id: ID!  contents: String! }`,
  resolvers: {
    Query: { latest: (_: unknown, { id }: { id: string }) => ({ state: 'STANDING', kilometres: 0, parcel: { id } }) },
    Parcel: { contents: ({ id }: { id: string }) => `what is in ${id}` },
  },
}
const definitions = (more?: string) => ({
  events: { url: 'nats://events', typeDefs: eventsSdl(more) },
  parcels,
})

const live = useLiveGateway(definitions())

const principalOf = (userId: string): Principal => ({
  userId,
  sessionId: `s-${userId}`,
  roles: [],
  permissions: new Set(),
  expiresAtSeconds: 4e9,
  claims: { sub: userId },
})

const follow = (
  field: string,
  userId: string,
  request: Partial<LiveRequest> = {},
  on: TestGateway = live.gateway,
): RecordingSink =>
  live.follow(
    {
      query: `subscription Follow($id: ID!, $long: Boolean = true) {
        ${field}(id: $id) { state ...Where parcel @include(if: $long) { contents } }
      }
      fragment Where on Moved { km: kilometres }`,
      operationName: 'Follow',
      variables: { id: 'p1' },
      caller: { principal: principalOf(userId), authorization: `Bearer ${userId}`, address: null },
      ...request,
    },
    on,
  )

const publish = (state: string) => live.publish('progress.parcel.p1', { state, kilometres: 3, parcel: { id: state } })

const states = (sink: RecordingSink, field = 'moved') =>
  sink.answers.map(({ data }) => Reflect.get(Object(data?.[field]), 'state'))

/** Publishes until everybody has had something: that is when they are open. */
async function begun(...sinks: readonly RecordingSink[]): Promise<void> {
  await until(async () => {
    await publish('FIRST')
    return sinks.every(({ answers }) => answers.length > 0)
  })
}

/** What the subgraph was asked of an event's parcel. */
const askedOf = (state: string) =>
  live.graph.subgraph('parcels').asked.filter(({ variables }) => JSON.stringify(variables).includes(`"${state}"`))

const refuseWith =
  (code: string) =>
  (res: ServerResponse): void => {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ errors: [{ message: 'no', extensions: { code } }] }))
  }
const refuseBarely =
  (status: number, body = '') =>
  (res: ServerResponse): void => {
    res.writeHead(status).end(body)
  }

const last = (sink: RecordingSink) => states(sink).at(-1)

describe('a live stream', () => {
  it('is fetched once an event for everybody who is answered alike, with a cursor of each one’s own', async () => {
    const [ada, bob] = [follow('moved', 'ada'), follow('moved', 'bob')]
    await begun(ada, bob)
    await publish('NEXT')
    await until(async () => last(ada) === 'NEXT' && last(bob) === 'NEXT')
    expect(askedOf('NEXT')).toHaveLength(1)
    expect(ada.answers.at(-1)?.data).toEqual({
      moved: { state: 'NEXT', km: 3, parcel: { contents: 'what is in NEXT' } },
    })
    expect(ada.messages.at(-1)?.head).toBe(bob.messages.at(-1)?.head)
    expect(ada.cursor).not.toBe(bob.cursor)
  })

  it('is fetched for each person where nobody says that they are answered alike', async () => {
    const [ada, bob] = [follow('mine', 'ada'), follow('mine', 'bob')]
    await begun(ada, bob)
    await publish('NEXT')
    await until(async () => [ada, bob].every((sink) => states(sink, 'mine').at(-1) === 'NEXT'))
    const tokens = askedOf('NEXT').map(({ headers }) => headers.authorization)
    expect(tokens.sort()).toEqual(['Bearer ada', 'Bearer bob'])
  })

  it.each([
    ['with 401 and nothing else', 'AUTH_TOKEN_INVALID', refuseBarely(401)],
    ['with 403 and a page', 'AUTHZ_FORBIDDEN', refuseBarely(403, '<html>')],
    ['in the words of Apollo’s servers', 'AUTH_TOKEN_INVALID', refuseWith('UNAUTHENTICATED')],
    ['in our own', 'AUTHZ_INSUFFICIENT_PERMISSIONS', refuseWith('AUTHZ_INSUFFICIENT_PERMISSIONS')],
  ] as const)(
    'is told to nobody else where a subgraph refuses a token of the same person %s',
    async (_how, code, refuse) => {
      const as = (token: string) => ({
        caller: { principal: principalOf('ada'), authorization: `Bearer ${token}`, address: null },
      })
      const [one, two] = [follow('mine', 'ada', as('one')), follow('mine', 'ada', as('two'))]
      await begun(one, two)
      const parcels = live.graph.subgraph('parcels')
      const speaker = parcels.asked.at(-1)?.headers.authorization
      const [refused, other] = speaker === 'Bearer one' ? [one, two] : [two, one]
      parcels.takeOver(async (asked, res) => {
        if (asked.headers.authorization === speaker) return refuse(res)
        res.setHeader('content-type', 'application/json').end(JSON.stringify(await asked.execute()))
      })
      await publish('NEXT')
      await until(async () => [one, two].every((sink) => states(sink, 'mine').at(-1) === 'NEXT'))
      expect(other.answers.flatMap(({ errors }) => errors ?? [])).toEqual([])
      expect(refused.answers.at(-1)).toMatchObject({ errors: [{ extensions: { code, service: 'parcels' } }] })
      expect(askedOf('NEXT').map(({ headers }) => headers.authorization)).toHaveLength(3) // once in vain, then for each
    },
  )

  it('goes on from a cursor after exactly what was told, on another replica', async () => {
    const environment = { GATEWAY_CURSOR_KEYS: Buffer.alloc(32, 7).toString('base64') }
    const [one, other] = await Promise.all(
      [1, 2].map(() => startTestGateway(live.graph.supergraph, { environment, parts: { bus: live.bus } })),
    )
    if (one === undefined || other === undefined) throw new Error('two gateways were started')
    const ada = follow('moved', 'ada', {}, one)
    await begun(ada)
    await publish('A')
    await until(async () => last(ada) === 'A')
    await one.close()
    await publish('B')
    await publish('C')
    const again = follow('moved', 'ada', { cursor: ada.cursor }, other)
    await until(async () => last(again) === 'C')
    expect(states(again)).toEqual(['B', 'C'])
    const stolen = follow('moved', 'bob', { cursor: ada.cursor }, other)
    await until(async () => stolen.lastWord !== null)
    expect(stolen.lastWord).toBe('CURSOR_INVALID')
    await other.close()
  })

  it('begins with the present where the field names what answers it', async () => {
    const sink = follow('watched', 'ada')
    await until(async () => sink.answers.length === 1)
    expect(sink.answers[0]?.data).toEqual({
      watched: { state: 'STANDING', km: 0, parcel: { contents: 'what is in p1' } },
    })
    await publish('A')
    await until(async () => states(sink, 'watched').at(-1) === 'A')
    const again = follow('watched', 'ada', { cursor: sink.answers[0]?.extensions?.cursor ?? null })
    await until(async () => again.answers.length > 0)
    expect(states(again, 'watched')).toEqual(['A'])
  })

  it('moves to a new supergraph without a word, and ends where that does not have it', async () => {
    const sink = follow('moved', 'ada')
    await begun(sink)
    const other = await startTestSubgraphs(definitions(', endField: "state", endValues: ["Z"]'))
    await live.gateway.replaceSupergraph(other.supergraph)
    await until(async () => {
      await publish('Z') // ends the stream once it follows the new rules
      return sink.lastWord !== null
    })
    expect(sink.lastWord).toBe('complete')
    expect(states(sink).filter((state) => state === 'Z').length).toBeGreaterThan(0)

    const left = follow('watched', 'bob')
    await until(async () => left.answers.length > 0)
    const without = await startTestSubgraphs({
      events: { url: 'nats://events', typeDefs: eventsSdl().replace(/watched.*\n/, '\n') },
      parcels,
    })
    await live.gateway.replaceSupergraph(without.supergraph)
    await until(async () => left.lastWord !== null)
    expect(left.lastWord).toBe('SUBSCRIPTION_SCHEMA_CHANGED')
    const refused = follow('watched', 'bob')
    await until(async () => refused.lastWord !== null)
    expect(refused.lastWord).toBe('GRAPHQL_VALIDATION_FAILED')
    await Promise.all([other.close(), without.close()])
  })

  it('is refused in the words a query is refused in', async () => {
    const words = await Promise.all(
      [
        follow('moved', 'ada', { variables: {} }),
        follow('moved', 'ada', { variables: { id: 'p1.>' } }),
        follow('nothing', 'ada'),
        follow('moved', 'ada', { cursor: 'not a cursor' }),
      ].map(async (sink) => {
        await until(async () => sink.lastWord !== null)
        return sink.lastWord
      }),
    )
    expect(words).toEqual(['BAD_USER_INPUT', 'VAL_INVALID_FORMAT', 'GRAPHQL_VALIDATION_FAILED', 'CURSOR_INVALID'])
  })
})
