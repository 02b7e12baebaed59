import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { prettyFormatQueryPlan } from '@apollo/query-planner'
import { defaultDocumentLimits } from '../../../gateway/operation/default-limits.js'
import { createGeneration } from '../../../gateway/supergraph/generation.js'
import type { GatewayConfig } from '../../../gateway/config.js'
import { chooseOverrides } from '../../../gateway/plan/override-labels.js'
import type { GatewayRequest } from '../../../gateway/gateway-request.js'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'

/* Two fields move from the old house to the new one: one by a flag, one by a share of the requests. */
const houses = {
  old: {
    typeDefs: `type Query { thing: Thing } type Thing @key(fields: "id") { id: ID!  name: String!  size: String! }`,
    resolvers: { Query: { thing: () => ({ id: 't1', name: 'old', size: 'old' }) } },
  },
  new: {
    typeDefs: `type Thing @key(fields: "id") {
      id: ID!
      name: String! @override(from: "old", label: "move-name")
      size: String! @override(from: "old", label: "percent(40)")
    }`,
    resolvers: { Thing: { name: () => 'new', size: () => 'new' } },
  },
}

let graph: TestGraph
let gateway: TestGateway | null = null

beforeAll(async () => void (graph = await startTestSubgraphs(houses)))
afterAll(() => graph.close())
beforeEach(() => ['old', 'new'].forEach((name) => graph.subgraph(name).reset()))
afterEach(async () => {
  await gateway?.close()
  gateway = null
})

async function open(options: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway(graph.supergraph, options)
  return gateway
}

async function nameFrom(from: TestGateway, headers: Record<string, string> = {}): Promise<unknown> {
  const { data, errors } = await from.ask('{ thing { name } }', { headers })
  expect(errors).toBeUndefined()
  return Reflect.get(Object(data?.['thing']), 'name')
}

async function sizeFrom(from: TestGateway, headers: Record<string, string> = {}): Promise<unknown> {
  const { data } = await from.ask('{ thing { size } }', { headers })
  return Reflect.get(Object(data?.['thing']), 'size')
}

const configured = (overrides: Partial<GatewayConfig['overrides']>): TestGatewayOptions => ({
  config: { overrides: { labels: [], header: null, percentBy: 'request', ...overrides } },
})

describe('a progressive override', () => {
  it('is off unless its label is on, and nothing is asked of the other house', async () => {
    expect(await nameFrom(await open())).toBe('old')
    expect(graph.subgraph('new').asked).toEqual([])
  })

  it('is on for everybody by configuration', async () => {
    expect(await nameFrom(await open(configured({ labels: ['other', 'move-name'] })))).toBe('new')
  })

  it('is on for a request by its header, where one is configured', async () => {
    const headers = { 'x-override': 'unknown, move-name' }
    const listening = await open(configured({ header: 'x-override' }))
    expect(await nameFrom(listening, headers)).toBe('new')
    expect(await nameFrom(listening)).toBe('old')
    expect(await nameFrom(listening, headers)).toBe('new')
    await listening.close()
    expect(await nameFrom(await open(), headers)).toBe('old')
  })

  it('is on for a request by the hook, which sees who asks', async () => {
    const overrideLabels = ({ caller }: GatewayRequest) => (caller.authorization === 'Bearer beta' ? ['move-name'] : [])
    const asking = await open({ parts: { overrideLabels } })
    expect(await nameFrom(asking, { authorization: 'Bearer beta' })).toBe('new')
    expect(await nameFrom(asking, { authorization: 'Bearer other' })).toBe('old')
  })

  it('has a plan of its own for each set of labels, made once', async () => {
    const { documents, plans, overrideLabels } = createGeneration(1, graph.supergraph, {
      urlOverrides: new Map(),
      limits: defaultDocumentLimits,
    })
    expect(overrideLabels).toEqual(['move-name', 'percent(40)'])
    const operation = documents.select(documents.read('{ thing { name size } }'), undefined)
    const moved = await plans.planFor(operation, { overrides: ['move-name'] })
    expect(await plans.planFor(operation, { overrides: ['move-name'] })).toBe(moved)
    expect(await plans.planFor(operation)).not.toBe(moved)
    expect(prettyFormatQueryPlan(moved.queryPlan)).toMatchInlineSnapshot(`
     "QueryPlan {
       Sequence {
         Fetch(service: "old") {
           {
             thing {
               __typename
               id
               size
             }
           }
         },
         Flatten(path: "thing") {
           Fetch(service: "new") {
             {
               ... on Thing {
                 __typename
                 id
               }
             } =>
             {
               ... on Thing {
                 name
               }
             }
           },
         },
       },
     }"
    `)
  })
})

describe('a share of the requests', () => {
  it('is drawn by the id of the request: the same request is always on one side', async () => {
    const drawing = await open()
    const sides: unknown[] = []
    for (let index = 0; index < 100; index += 1) {
      sides.push(await sizeFrom(drawing, { 'x-request-id': `request-${index}` }))
    }
    const moved = sides.filter((side) => side === 'new').length
    expect(moved).toBeGreaterThan(20)
    expect(moved).toBeLessThan(60)
    for (const index of [0, 1, 2, 50, 99]) {
      expect(await sizeFrom(drawing, { 'x-request-id': `request-${index}` })).toBe(sides[index])
    }
  })

  it('is not to be had by naming it in the header, but by the hook', async () => {
    const listening = await open(configured({ header: 'x-override' }))
    const ids = Array.from({ length: 20 }, (_, index) => `share-${index}`)
    const sides = await Promise.all(
      ids.map((id) => sizeFrom(listening, { 'x-request-id': id, 'x-override': 'percent(40)' })),
    )
    expect(sides).toContain('old')
    await listening.close()
    const hooked = await open({ parts: { overrideLabels: () => ['percent(40)'] } })
    expect(await sizeFrom(hooked)).toBe('new')
  })
})

describe('the choice of labels', () => {
  const request = (requestId: string, userId?: string): GatewayRequest => ({
    query: '',
    operationName: undefined,
    variables: {},
    caller: {
      principal:
        userId === undefined
          ? null
          : { userId, roles: [], permissions: new Set<string>(), expiresAtSeconds: 0, sessionId: 's', claims: {} },
      authorization: null,
      address: null,
    },
    ids: { requestId, traceId: 't' },
    signal: new AbortController().signal,
  })
  const settings = { labels: [], header: null, percentBy: 'request' } as const
  const shares = ['percent(0)', 'percent(10)', 'percent(12.5)', 'percent(50)', 'percent(100)']

  it('draws one lot a request: who is among few is among many, none among nobody, all among everybody', () => {
    for (let index = 0; index < 1_000; index += 1) {
      const chosen = chooseOverrides(shares, request(`r${index}`), settings)
      expect(chosen).toEqual(shares.slice(shares.length - chosen.length))
      expect(chosen).toContain('percent(100)')
      expect(chosen).not.toContain('percent(0)')
    }
  })

  it('comes out near the share', () => {
    const drawn = Array.from({ length: 10_000 }, (_, index) => request(`${index}`)).filter(
      (each) => chooseOverrides(['percent(12.5)'], each, settings).length > 0,
    )
    expect(drawn.length).toBeGreaterThan(1_100)
    expect(drawn.length).toBeLessThan(1_400)
  })

  it('may keep a caller on one side', () => {
    const byCaller = { ...settings, percentBy: 'caller' } as const
    const sides = new Set<string>()
    for (let index = 0; index < 50; index += 1) {
      sides.add(chooseOverrides(['percent(50)'], request(`r${index}`, 'ada'), byCaller).join())
    }
    expect(sides.size).toBe(1)
  })
})
