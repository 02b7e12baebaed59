import { createHash } from 'node:crypto'
import type { ApolloServerPlugin } from '@apollo/server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { defaultDocumentLimits } from '../../../gateway/operation/default-limits.js'
import { createGeneration, type Generation } from '../../../gateway/supergraph/generation.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import {
  answerJson,
  startTestSubgraphs,
  type TakeOver,
  type TestGraph,
  type TestSubgraphDefinition,
} from '../../support/test-subgraphs.js'

/* What is left of an operation with `@sensitive` parts when it is over: in logs, in caches. */

const bank: TestSubgraphDefinition = {
  typeDefs: `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
      @link(url: "https://house.example/specs/sensitive/v1.0", import: ["@sensitive"])
      @composeDirective(name: "@sensitive")
    directive @sensitive on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
    type Query { open(pin: String @sensitive, branch: String): String, apply(form: Form): String, balance: Int @sensitive, rate(of: String): Int }
    type Mutation { change(pin: String! @sensitive): String }
    input Form { page: Page, note: String }
    input Page { number: String @sensitive, title: String }
  `,
  resolvers: { Query: { open: () => 'opened', apply: () => 'applied', balance: () => 7, rate: () => 3 } },
}
const SECRET = 'K7-hunter2-K7'

let graph: TestGraph
let fast: TestGateway
let long: TestGateway
let parsed = 0
const counting: ApolloServerPlugin = {
  requestDidStart: async () => ({ parsingDidStart: async () => void (parsed += 1) }),
}

beforeAll(async () => {
  graph = await startTestSubgraphs({ bank })
  fast = await startTestGateway(graph.supergraph)
  long = await startTestGateway(graph.supergraph, { parts: { plugins: [counting] } })
})
afterEach(() => graph.subgraph('bank').reset())
afterAll(async () => {
  await fast.close()
  await long.close()
  await graph.close()
})

const inText: [string, string][] = [
  ['an argument', `{ open(pin: "${SECRET}") }`],
  ['an argument of a mutation', `mutation { change(pin: "${SECRET}") }`],
  ['the default of a variable', `query ($pin: String = "${SECRET}") { open(pin: $pin) }`],
  ['a field of an input object', `{ apply(form: { page: { number: "${SECRET}" } }) }`],
  ['a part of a variable’s use', `query ($t: String) { apply(form: { page: { number: "${SECRET}", title: $t } }) }`],
  ['a fragment', `{ ...F } fragment F on Query { open(pin: "${SECRET}") }`],
  ['another operation of the document', `query A { rate } query B { open(pin: "${SECRET}") }`],
]
const inVariables: [string, string][] = [
  ['a variable', 'query ($secret: String) { open(pin: $secret) }'],
  ['a variable within an input object', 'query ($secret: String) { apply(form: { page: { number: $secret } }) }'],
  ['a null', '{ open(pin: null) }'],
  ['the answer', '{ balance }'],
  ['nothing', '{ rate(of: "EUR") open(branch: "main") }'],
]

describe('caches', () => {
  let generation: Generation
  beforeAll(() => {
    generation = createGeneration(1, graph.supergraph, { urlOverrides: new Map(), limits: defaultDocumentLimits })
  })
  /** The plan found for a text, as for a request of its own. */
  const planned = async (text: string) => {
    const document = generation.documents.read(text)
    const name = text.startsWith('query A') ? 'B' : undefined
    return { document, plan: await generation.plans.planFor(generation.documents.select(document, name)) }
  }

  it.each(inText)('keep nothing of a text with a secret in %s', async (_where, text) => {
    const [once, again] = [await planned(text), await planned(text)]
    expect(again.document).not.toBe(once.document)
    expect(again.plan).not.toBe(once.plan)
  })

  it.each(inVariables)('keep texts and plans with a secret in %s', async (_where, text) => {
    const [once, again] = [await planned(text), await planned(text)]
    expect(again.document).toBe(once.document)
    expect(again.plan).toBe(once.plan)
  })

  it.each([...inText.map(([, text]) => [text, 2] as const), ...inVariables.map(([, text]) => [text, 1] as const)])(
    'of Apollo Server hold no more: %s is parsed %i times of two',
    async (query, times) => {
      parsed = 0
      const operationName = query.startsWith('query A') ? 'B' : undefined
      for (let round = 0; round < 2; round += 1) await long.ask(query, { ...(operationName && { operationName }) })
      expect(parsed).toBe(times)
    },
  )

  it.each([
    ['fast', () => fast],
    ['long', () => long],
  ])('of persisted queries hold no secret (%s)', async (_lane, gateway) => {
    const byHash = async (query: string, withText: boolean) => {
      const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') }
      const response = await fetch(gateway().url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...(withText && { query }), extensions: { persistedQuery } }),
      })
      return response.text()
    }
    for (const [query, found] of [
      ['{ open(branch: "east") }', true],
      [`{ open(pin: "${SECRET}") }`, false],
    ] as const) {
      expect(await byHash(query, true)).toContain('opened')
      expect(await byHash(query, false)).toContain(found ? 'opened' : 'PERSISTED_QUERY_NOT_FOUND')
    }
  })

  it('of persisted queries are the same for HTTP and WebSockets, where they hold no secret either', async () => {
    const socket = createClient({ url: fast.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 })
    const asked = (query: string, withText: boolean) => {
      const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') }
      return { ...(withText && { query }), extensions: { persistedQuery } }
    }
    const byHttp = async (query: string, withText: boolean) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(fast.url, {
        method: 'POST',
        headers,
        body: JSON.stringify(asked(query, withText)),
      })
      return response.text()
    }
    const bySocket = async (query: string, withText: boolean) => {
      const answer = await socket
        .iterate({ query: '', ...asked(query, withText) })
        .next()
        .catch((error: unknown) => error)
      return JSON.stringify(answer)
    }
    for (const [first, then, branch] of [
      [byHttp, bySocket, 'http'],
      [bySocket, byHttp, 'socket'],
    ] as const) {
      for (const [query, found] of [
        [`{ open(branch: "${branch}") }`, true],
        [`{ open(branch: "${branch}", pin: "${SECRET}") }`, false],
      ] as const) {
        expect(await then(query, false)).toContain('PERSISTED_QUERY_NOT_FOUND')
        expect(await first(query, true)).toContain('opened')
        expect(await then(query, false)).toContain(found ? 'opened' : 'PERSISTED_QUERY_NOT_FOUND')
      }
    }
    await socket.dispose()
  })
})

describe('the log', () => {
  const repeating: [string, TakeOver][] = [
    [
      'answers with an error',
      (_, res) => answerJson(res, { data: null, errors: [{ message: `no account ${SECRET}` }] }),
    ],
    [
      'answers broken JSON',
      (_, res) => void res.setHeader('content-type', 'application/json').end(`{"open":"${SECRET}`),
    ],
    ['answers a page', (_, res) => void res.setHeader('content-type', `text/html; pin=${SECRET}`).end(SECRET)],
  ]
  const sensitive: [string, string, Record<string, unknown>][] = [
    ['in a variable', 'query ($pin: String) { open(pin: $pin) }', { pin: SECRET }],
    ['in an input object', 'query ($form: Form) { apply(form: $form) }', { form: { page: { number: SECRET } } }],
    ['in the text', `{ open(pin: "${SECRET}") }`, {}],
    ['in the answer', '{ balance }', {}],
  ]
  const cases = repeating.flatMap(([fault, takeOver]) => sensitive.map((rest) => [fault, takeOver, ...rest] as const))

  it.each(cases)(
    'of a subgraph that %s says no word of the secret that stands %s (%#)',
    async (_f, takeOver, _w, query, variables) => {
      for (const gateway of [fast, long]) {
        const before = gateway.log.length
        graph.subgraph('bank').takeOver(takeOver)
        expect((await gateway.ask(query, { variables })).errors).toHaveLength(1)
        const said = gateway.log.slice(before).join('\n')
        expect(said).not.toContain('hunter2')
        expect(said).toContain('"service":"bank"') // and still tells whom to ask
      }
    },
  )

  it('has the words of faults that are no secret', async () => {
    graph.subgraph('bank').takeOver(repeating[0]?.[1] ?? (() => undefined))
    await fast.ask('{ rate }')
    expect(fast.log.join()).toContain(`no account ${SECRET}`)
  })

  it('says nothing of variables that do not fit, of texts that do not parse, of tokens', async () => {
    const before = fast.log.length
    await fast.ask('mutation ($pin: String!) { change(pin: $pin) }', { variables: { pin: [SECRET] } })
    await fast.ask(`{ open(pin: ${SECRET}) }`)
    await fast.ask(`{ opne(pin: "${SECRET}") }`, { headers: { authorization: `Bearer ${SECRET}` } })
    expect(fast.log.slice(before).join()).not.toContain('hunter2')
  })
})
