import { describe, expect, it } from '@jest/globals'
import type { RecordingSink } from '../../../gateway/subscriptions/live/fixtures/recording-sink.js'
import { eventDirectives, requestOf, useLiveGateway } from '../../support/live-gateway.js'
import { startTestGateway } from '../../support/test-gateway.js'
import { until } from '../../support/until.js'

const known = new Map([['p1', 'a book']])

const definitions = {
  events: {
    url: 'nats://events',
    typeDefs: `${eventDirectives}
      type Subscription {
        parcelMoved(id: ID!): ParcelMoved!
          @eventStream(subject: "progress.parcel.{args.id}", replay: ALL, guard: "query ($id: ID!) { parcel(id: $id) { id } }", endField: "state", endValues: ["DELIVERED"])
      }
      type ParcelMoved { state: String!  kilometres: Int  parcel: Parcel }
      type Parcel @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  parcels: {
    typeDefs: `
      type Query { parcel(id: ID!): Parcel }
      type Parcel @key(fields: "id") { id: ID!  contents: String!  sender: Person }
      type Person @key(fields: "name", resolvable: false) { name: ID! }`,
    resolvers: {
      Query: { parcel: (_parent: unknown, { id }: { id: string }) => (known.has(id) ? { id } : null) },
      Parcel: { contents: ({ id }: { id: string }) => known.get(id), sender: () => ({ name: 'Ada' }) },
    },
  },
  people: {
    typeDefs: 'type Query { people: [Person!]! } type Person @key(fields: "name") { name: ID!  town: String! }',
    resolvers: { Person: { town: () => 'London' } },
  },
}

const query = `subscription ($id: ID!) {
  moved: parcelMoved(id: $id) { state ...Where parcel { contents sender { town } } }
}
fragment Where on ParcelMoved { km: kilometres }`

const live = useLiveGateway(definitions)

const asked = (id: string) => ({
  query,
  variables: { id },
  caller: { principal: null, authorization: 'Bearer mine', address: null },
})
const streamFor = (id: string, from = live.gateway) => live.follow(asked(id), from)

async function refusalFor(id: string, from = live.gateway): Promise<unknown> {
  const sink = streamFor(id, from)
  await until(() => sink.lastWord !== null)
  return sink.lastWord
}

const publish = (data: unknown) => live.publish('progress.parcel.p1', data)

/** The next answer, without the cursor, which is of this moment. */
async function answerOf(stream: RecordingSink, index: number): Promise<unknown> {
  await until(() => stream.answers.length > index)
  const { data, errors } = stream.answers[index] ?? {}
  return errors === undefined ? { data } : { data, errors }
}

describe('a stream of events', () => {
  it('is joined to the graph, event by event, as the caller, and ends with its last', async () => {
    await publish({ state: 'MOVING', kilometres: 3, parcel: { id: 'p1' } })
    const stream = streamFor('p1')
    const moved = { parcel: { contents: 'a book', sender: { town: 'London' } } }
    expect(await answerOf(stream, 0)).toEqual({ data: { moved: { state: 'MOVING', km: 3, ...moved } } })
    await publish({ state: 'DELIVERED', kilometres: 9, parcel: { id: 'p1' } })
    expect(await answerOf(stream, 1)).toEqual({ data: { moved: { state: 'DELIVERED', km: 9, ...moved } } })
    expect(stream.lastWord).toBe('complete')
    expect(live.graph.subgraph('people').asked[0]?.headers.authorization).toBe('Bearer mine')
  })

  it('goes on after an event whose fetches failed', async () => {
    await publish({ state: 'MOVING', parcel: { id: 'p1' } })
    live.graph.subgraph('people').takeOver((_, res) => void res.destroy())
    const stream = streamFor('p1')
    expect(await answerOf(stream, 0)).toMatchObject({
      data: { moved: { km: null, parcel: { contents: 'a book', sender: null } } },
      errors: [
        { path: ['moved', 'parcel', 'sender'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'people' } },
      ],
    })
    live.graph.subgraph('people').reset()
    await publish({ state: 'DELIVERED', parcel: { id: 'p1' } })
    expect(await answerOf(stream, 1)).toMatchObject({ data: { moved: { parcel: { sender: { town: 'London' } } } } })
  })

  it('answers an event that does not fit the schema with a masked error, and goes on', async () => {
    await publish({ state: null, parcel: { id: 'p1' } })
    await publish({ state: 'DELIVERED', parcel: { id: 'p1' } })
    const stream = streamFor('p1')
    expect(await answerOf(stream, 0)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'INT_INTERNAL_ERROR' } }],
    })
    expect(await answerOf(stream, 1)).toMatchObject({ data: { moved: { state: 'DELIVERED' } } })
  })

  it('stays closed to whoever does not see the thing it is about', async () => {
    expect(await refusalFor('p2')).toBe('RES_NOT_FOUND')
  })

  it('is not to be had without a bus', async () => {
    const lonely = await startTestGateway(live.graph.supergraph)
    expect(await refusalFor('p1', lonely)).toBe('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    await lonely.close()
  })

  it('is not to be had as a single answer', async () => {
    const { status, errors } = await live.gateway.ask(query, { variables: { id: 'p1' } })
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'SUBSCRIPTION_NOT_SUPPORTED'])
  })
})

describe('the way in without HTTP', () => {
  it('refuses what does not parse or fit, as results', async () => {
    const { pipeline } = live.gateway.running
    const parse = await pipeline.execute({ ...requestOf(asked('p1')), query: '{' })
    expect(parse.errors?.[0]?.extensions['code']).toBe('GRAPHQL_PARSE_FAILED')
    const variable = await pipeline.execute({
      ...requestOf(asked('p1')),
      query: 'query ($id: ID!) { parcel(id: $id) { id } }',
      variables: {},
    })
    expect(variable).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  it('answers a query to whoever subscribes to one', async () => {
    const sink = live.follow({ ...asked('p1'), query: '{ parcel(id: "p1") { contents } }' })
    expect(await answerOf(sink, 0)).toEqual({ data: { parcel: { contents: 'a book' } } })
    expect(sink.lastWord).toBe('complete')
  })
})
