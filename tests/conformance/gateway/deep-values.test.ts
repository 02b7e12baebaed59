import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type ExecutionResult } from 'graphql-ws'
import WebSocket from 'ws'
import { readGatewayConfig } from '../../../gateway/config.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph, type TestSubgraphDefinition } from '../../support/test-subgraphs.js'

/* Recursive inputs and scalars of any JSON: values that clients and subgraphs can nest as deep as a body is long. */
const forest: TestSubgraphDefinition = {
  typeDefs: `
    scalar Json
    input Tree { branch: Tree, branches: [Tree!], leaf: Json }
    type Query { plant(tree: Tree): String, keep(json: Json): Json, other: String }
  `,
  resolvers: {
    Query: { plant: () => 'planted', keep: (_: unknown, { json }: { json: unknown }) => json, other: () => 'here' },
  },
}

let graph: TestGraph
let fast: TestGateway
let long: TestGateway
beforeAll(async () => {
  graph = await startTestSubgraphs({ forest })
  const demand = { mode: 'enforce', maxCost: 1_000_000, assumedListSize: 10, showCost: false } as const
  fast = await startTestGateway(graph.supergraph, { config: { demand } })
  long = await startTestGateway(graph.supergraph, { config: { demand }, parts: { plugins: [{}] } })
})
afterAll(async () => {
  await fast.close()
  await long.close()
  await graph.close()
})
beforeEach(() => graph.subgraph('forest').reset())

const nested = (open: string, inner: string, close: string, depth: number) =>
  open.repeat(depth) + inner + close.repeat(depth)

/** Text, for no serialiser gets so deep. */
async function post(gateway: TestGateway, body: string) {
  const response = await fetch(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { data, errors = [] } = (await response.json()) as ExecutionResult
  return {
    status: response.status,
    data,
    errors: errors.map(({ message, extensions }) => [extensions?.['code'], message]),
  }
}

const refused = (name: string) => ({
  status: 200,
  data: undefined,
  errors: [['BAD_USER_INPUT', `Variable "$${name}" is nested deeper than 50 lists and objects.`]],
})

describe.each([
  ['the short way', () => fast],
  ['the long way', () => long],
])('variables on %s', (_way, gateway) => {
  it.each([
    ['an input object within itself', 'query ($tree: Tree) { plant(tree: $tree) }', 'tree', '{"branch":', '{}', '}'],
    ['lists of it', 'query ($tree: Tree) { plant(tree: $tree) }', 'tree', '{"branches":[', '{}', ']}'],
    ['a list in place of it', 'query ($tree: Tree) { plant(tree: $tree) }', 'tree', '[', '', ']'],
    ['a scalar of any JSON', 'query ($json: Json) { keep(json: $json) }', 'json', '[', '', ']'],
    ['one for each member', 'query ($json: Json) { plant(tree: { leaf: $json }) }', 'json', '{"a":', '1', '}'],
  ])('are refused when they are too deep: %s', async (_what, query, name, open, inner, close) => {
    for (const depth of [51, 5_000, 100_000]) {
      const body = `{"query":${JSON.stringify(query)},"variables":{"${name}":${nested(open, inner, close, depth)}}}`
      if (body.length < 1_000_000) expect(await post(gateway(), body)).toEqual(refused(name))
    }
    expect(graph.subgraph('forest').asked).toEqual([])
  })

  it('are taken as deep as they may be', async () => {
    const json = nested('[', '"x"', ']', 50)
    const body = `{"query":"query ($json: Json) { keep(json: $json) }","variables":{"json":${json}}}`
    const { data, errors } = await post(gateway(), body)
    expect(errors).toEqual([])
    expect(JSON.stringify(data)).toBe(`{"keep":${json}}`)
  })

  it.each(['variables', 'extensions'])('are not looked into where nothing asks for them: %s', async (member) => {
    const deep = nested('[', '', ']', 200_000)
    const { data } = await post(gateway(), `{"query":"{ other }","${member}":{"deep":${deep}}}`)
    expect(data).toEqual({ other: 'here' })
  })
})

describe('variables of a WebSocket', () => {
  it('are refused alike', async () => {
    const url = fast.url.replace('http', 'ws')
    const deep: unknown = JSON.parse(nested('[', '', ']', 1_000))
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 })
    const answered = new Promise((resolve) =>
      client.subscribe(
        { query: 'query ($json: Json) { keep(json: $json) }', variables: { json: deep } },
        { next: resolve, error: resolve, complete: () => undefined },
      ),
    )
    expect(await answered).toMatchObject([
      { message: refused('json').errors[0]?.[1], extensions: { code: 'BAD_USER_INPUT' } },
    ])
    await client.dispose()
  })
})

describe('configuration', () => {
  it('says how deep', async () => {
    const { limits } = readGatewayConfig({}, [])
    const strict = await startTestGateway(graph.supergraph, { config: { limits: { ...limits, maxVariableDepth: 2 } } })
    const ask = (json: unknown) => strict.ask('query ($json: Json) { keep(json: $json) }', { variables: { json } })
    expect((await ask([[1]])).data).toEqual({ keep: [[1]] })
    expect((await ask([[[1]]])).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    await strict.close()
  })
})

describe('an answer of a subgraph', () => {
  it.each([
    ['the short way', () => fast],
    ['the long way', () => long],
  ])('that is too deep to be put into JSON costs its own field, on %s', async (_way, gateway) => {
    graph.subgraph('forest').takeOver((_asked, res) => {
      res.setHeader('content-type', 'application/json')
      res.end(`{"data":{"keep":${nested('[', '', ']', 100_000)},"other":"here"}}`)
    })
    const { data, errors } = await gateway().ask('{ keep other }')
    expect(data).toEqual({ keep: null, other: 'here' })
    expect(errors).toMatchObject([{ path: ['keep'], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }])
  })
})
