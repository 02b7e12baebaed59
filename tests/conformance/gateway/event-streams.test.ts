import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { ExecutionResult } from 'graphql'
import type { GatewayRequest } from '../../../gateway/gateway-request.js'
import type { Bus } from '../../../platform/bus/bus.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createLogger } from '../../../platform/log/logger.js'
import { projectRoot } from '../../../platform/service/project-root.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'

const directives = readFileSync(path.join(projectRoot, 'schema/events/directives.graphql'), 'utf8')
const known = new Map([['p1', 'a book']])

const definitions = {
  events: {
    url: 'nats://events',
    typeDefs: `${directives}
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

let graph: TestGraph
let gateway: TestGateway
let bus: Bus

beforeAll(async () => void (graph = await startTestSubgraphs(definitions)))
afterAll(() => graph.close())
beforeEach(async () => {
  for (const name of ['parcels', 'people']) graph.subgraph(name).reset()
  bus = createInProcessBus({ logger: createLogger({ service: 'test', level: 'silent' }) })
  gateway = await startTestGateway(graph.supergraph, { parts: { bus } })
})
afterEach(async () => {
  await gateway.close()
  await bus.close()
})

const requestFor = (id: string, signal = new AbortController().signal): GatewayRequest => ({
  query,
  operationName: undefined,
  variables: { id },
  caller: { principal: null, authorization: 'Bearer mine', address: null },
  ids: { requestId: 'r', traceId: 't' },
  signal,
})

async function streamFor(id: string, from = gateway): Promise<AsyncGenerator<ExecutionResult, void, void>> {
  const opened = await from.running.pipeline.subscribe(requestFor(id))
  if (Symbol.asyncIterator in opened) return opened
  throw new Error(JSON.stringify(opened))
}

async function refusalFor(id: string, from = gateway): Promise<unknown> {
  const opened = await from.running.pipeline.subscribe(requestFor(id))
  return Symbol.asyncIterator in opened ? 'a stream' : opened.errors?.map((error) => error.extensions['code'])
}

const publish = (data: unknown) =>
  bus.publish('progress.parcel.p1', {
    id: crypto.randomUUID(),
    type: 'parcel.moved',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: 't',
    data,
  })

const plain = (result: IteratorResult<ExecutionResult, void>): unknown =>
  JSON.parse(JSON.stringify(result.value ?? null))

describe('a stream of events', () => {
  it('is joined to the graph, event by event, as the caller, and ends with its last', async () => {
    await publish({ state: 'MOVING', kilometres: 3, parcel: { id: 'p1' } })
    const stream = await streamFor('p1')
    const moved = { parcel: { contents: 'a book', sender: { town: 'London' } } }
    expect(plain(await stream.next())).toEqual({ data: { moved: { state: 'MOVING', km: 3, ...moved } } })
    await publish({ state: 'DELIVERED', kilometres: 9, parcel: { id: 'p1' } })
    expect(plain(await stream.next())).toEqual({ data: { moved: { state: 'DELIVERED', km: 9, ...moved } } })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(graph.subgraph('people').asked[0]?.headers.authorization).toBe('Bearer mine')
  })

  it('goes on after an event whose fetches failed', async () => {
    const stream = await streamFor('p1')
    graph.subgraph('people').takeOver((_, res) => void res.destroy())
    await publish({ state: 'MOVING', parcel: { id: 'p1' } })
    expect(plain(await stream.next())).toMatchObject({
      data: { moved: { km: null, parcel: { contents: 'a book', sender: null } } },
      errors: [
        { path: ['moved', 'parcel', 'sender'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'people' } },
      ],
    })
    graph.subgraph('people').reset()
    await publish({ state: 'DELIVERED', parcel: { id: 'p1' } })
    expect(plain(await stream.next())).toMatchObject({ data: { moved: { parcel: { sender: { town: 'London' } } } } })
  })

  it('is released by returning it, also while it waits', async () => {
    const stream = await streamFor('p1')
    const waiting = stream.next()
    await stream.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('stays closed to whoever does not see the thing it is about', async () => {
    expect(await refusalFor('p2')).toEqual(['RES_NOT_FOUND'])
  })

  it('is not to be had without a bus', async () => {
    const lonely = await startTestGateway(graph.supergraph)
    expect(await refusalFor('p1', lonely)).toEqual(['SUBSCRIPTION_SOURCE_UNAVAILABLE'])
    await lonely.close()
  })

  it('is not to be had as a single answer', async () => {
    const { status, errors } = await gateway.ask(query, { variables: { id: 'p1' } })
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'SUBSCRIPTION_NOT_SUPPORTED'])
  })
})

describe('the way in without HTTP', () => {
  it('refuses what does not parse or fit, as results', async () => {
    const { pipeline } = gateway.running
    const parse = await pipeline.execute({ ...requestFor('p1'), query: '{' })
    expect(parse.errors?.[0]?.extensions['code']).toBe('GRAPHQL_PARSE_FAILED')
    const fit = await pipeline.subscribe({ ...requestFor('p1'), query: 'subscription { parcelMoved { state } }' })
    expect('errors' in fit && fit.errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED')
    const variable = await pipeline.execute({
      ...requestFor('p1'),
      query: 'query ($id: ID!) { parcel(id: $id) { id } }',
      variables: {},
    })
    expect(variable).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  it('answers a query to whoever subscribes to one', async () => {
    const answer = await gateway.running.pipeline.subscribe({
      ...requestFor('p1'),
      query: '{ parcel(id: "p1") { contents } }',
    })
    expect(answer).toEqual({ data: { parcel: { contents: 'a book' } } })
  })
})
