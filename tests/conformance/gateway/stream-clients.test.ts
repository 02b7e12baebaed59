import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ApolloClient, type ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createSocketClient, type Client as SocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Bus } from '../../../platform/bus/bus.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createLogger } from '../../../platform/log/logger.js'
import { projectRoot } from '../../../platform/service/project-root.js'
import { scriptedAuthorization, scriptedVerifier } from '../../support/scripted-principals.js'
import { until } from '../../support/until.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'

const directives = readFileSync(path.join(projectRoot, 'schema/events/directives.graphql'), 'utf8')

const definitions = {
  events: {
    url: 'nats://events',
    typeDefs: `${directives}
      type Subscription {
        parcelMoved(id: ID!): ParcelMoved!
          @eventStream(subject: "progress.parcel.{args.id}", replay: ALL, endField: "state", endValues: ["DELIVERED"])
        mine: ParcelMoved @federation__authenticated @eventStream(subject: "progress.owner.{claims.sub}")
      }
      type ParcelMoved { state: String!  parcel: Parcel }
      type Parcel @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  parcels: {
    typeDefs: `
      type Query { parcel(id: ID!): Parcel }
      type Mutation { send(id: ID!): Parcel }
      type Parcel @key(fields: "id") { id: ID!  contents: String! }`,
    resolvers: {
      Query: { parcel: (_parent: unknown, { id }: { id: string }) => ({ id }) },
      Mutation: { send: (_parent: unknown, { id }: { id: string }) => ({ id }) },
      Parcel: { contents: ({ id }: { id: string }) => `a book, ${id}` },
    },
  },
}

const moved = 'subscription Moved($id: ID!) { parcelMoved(id: $id) { state parcel { id contents } } }'

let graph: TestGraph
let gateway: TestGateway
let bus: Bus
const disposals: (() => unknown)[] = []

Object.assign(globalThis, { WebSocket }) // GraphQLWsLink reads it where something fails, and Node 20 has none
beforeAll(async () => void (graph = await startTestSubgraphs(definitions)))
afterAll(() => graph.close())
beforeEach(async () => {
  bus = createInProcessBus({ logger: createLogger({ service: 'test', level: 'silent' }) })
  const sessionEnd = { TOKEN_ENDS: 'events.session.ended id=sid' }
  gateway = await startTestGateway(graph.supergraph, {
    environment: sessionEnd,
    parts: { bus, verifier: scriptedVerifier },
  })
})
afterEach(async () => {
  for (const dispose of disposals.splice(0)) await dispose()
  await gateway.close()
  await bus.close()
})

const publish = (subject: string, data: unknown) =>
  bus.publish(subject, {
    id: crypto.randomUUID(),
    type: 'parcel.moved',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: 't',
    data,
  })

interface Asked {
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly extensions?: Record<string, unknown>
}
/** What a client tells its user. */
interface Told {
  readonly results: unknown[]
  /** Resolves with null at the end of the results, or with what the client failed with. */
  readonly over: Promise<unknown>
}
type Ask = (asked: Asked, headers?: Record<string, string>) => Told

function told(iterated: AsyncIterable<unknown>): Told {
  const results: unknown[] = []
  const read = async (): Promise<unknown> => {
    try {
      for await (const result of iterated) results.push(result)
      return null
    } catch (failure) {
      return failure
    }
  }
  return { results, over: read() }
}

function openSocket(headers: Record<string, string>): SocketClient {
  const url = gateway.url.replace('http:', 'ws:')
  const client = createSocketClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: headers })
  disposals.push(() => client.dispose())
  return client
}

function byApollo(link: ApolloLink, { query, variables }: Asked): Told {
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  const results: unknown[] = []
  const over = new Promise((resolve) => {
    const stream = client.subscribe({ query: gql(query), ...(variables && { variables }), errorPolicy: 'all' })
    const subscription = stream.subscribe({
      next: (result) => void results.push(result),
      error: resolve,
      complete: () => resolve(null),
    })
    disposals.push(
      () => subscription.unsubscribe(),
      () => client.stop(),
    )
  })
  return { results, over }
}

const sse: Ask = (asked, headers = {}) => {
  const client = createSseClient({ url: gateway.url, headers, retryAttempts: 0 })
  disposals.push(() => client.dispose())
  return told(client.iterate(asked))
}
const socket: Ask = (asked, headers = {}) => told(openSocket(headers).iterate(asked))
const apolloMultipart: Ask = (asked, headers = {}) => byApollo(new HttpLink({ uri: gateway.url, headers }), asked)
const apolloSocket: Ask = (asked, headers = {}) => byApollo(new GraphQLWsLink(openSocket(headers)), asked)

const clients: [string, Ask][] = [
  ['graphql-sse', sse],
  ['graphql-ws', socket],
  ['Apollo Client by multipart', apolloMultipart],
  ['Apollo Client by graphql-ws', apolloSocket],
]

/** The data of results; Apollo Client asks for the names of types by itself. */
const dataOf = (results: readonly unknown[]): unknown[] =>
  results.map((result) => {
    const data: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'data') : undefined
    return JSON.parse(JSON.stringify(data ?? null, (key, value: unknown) => (key === '__typename' ? undefined : value)))
  })

/** The codes of errors, in whatever a client wraps them. */
function codesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const extensions: unknown = Reflect.get(value, 'extensions')
  const code: unknown = typeof extensions === 'object' && extensions !== null ? Reflect.get(extensions, 'code') : null
  const below = Array.isArray(value) ? value : ['errors', 'error'].map((key) => Reflect.get(value, key))
  return [...(typeof code === 'string' ? [code] : []), ...below.flatMap(codesIn)]
}

describe.each(clients)('%s', (_name, ask) => {
  it('gets every event of a stream, joined to the graph, and its end', async () => {
    await publish('progress.parcel.p1', { state: 'MOVING', parcel: { id: 'p1' } })
    const { results, over } = ask({ query: moved, variables: { id: 'p1' } })
    await publish('progress.parcel.p1', { state: 'RESTING', parcel: { id: 'p1' } })
    await publish('progress.parcel.p1', { state: 'DELIVERED', parcel: { id: 'p1' } })
    expect(await over).toBeNull()
    const parcel = { id: 'p1', contents: 'a book, p1' }
    expect(dataOf(results)).toEqual(
      ['MOVING', 'RESTING', 'DELIVERED'].map((state) => ({ parcelMoved: { state, parcel } })),
    )
  })

  it.each([
    ['does not fit', 'subscription { parcelMoved(id: "p1") { nothing } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['is not for the caller', 'subscription { mine { state } }', 'AUTH_TOKEN_INVALID'],
  ])('is told of an operation that %s, with the code', async (_why, query, code) => {
    const { results, over } = ask({ query })
    expect(codesIn([await over, ...results])).toContain(code)
  })

  it('is known by its token', async () => {
    const { results } = ask({ query: 'subscription { mine { state } }' }, scriptedAuthorization({ sub: 'ada' }))
    await until(async () => {
      await publish('progress.owner.eve', { state: 'LOST' })
      await publish('progress.owner.ada', { state: 'MOVING' })
      return results.length > 0
    })
    expect(dataOf(results)[0]).toEqual({ mine: { state: 'MOVING' } })
  })

  it('is told when its session ends', async () => {
    const { results, over } = ask(
      { query: 'subscription { mine { state } }' },
      scriptedAuthorization({ sub: 'ada', sid: 's-1' }),
    )
    await until(async () => {
      await publish('progress.owner.ada', { state: 'MOVING' })
      return results.length > 0
    })
    await publish('events.session.ended', { id: 's-1' })
    expect(codesIn([await over, ...results])).toContain('SUBSCRIPTION_SESSION_ENDED')
  })
})
