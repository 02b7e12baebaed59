import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { serverAudits } from 'graphql-http'
import { startTestGateway, type TestGateway } from '../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../support/test-subgraphs.js'
import { shopGraph } from './gateway/shop-graph.js'

/** The public audit of GraphQL over HTTP, every item of it, against the door clients use. */

const AUDITS = 61 // of graphql-http 1.23: a release with more is to be looked at

let graph: TestGraph
let gateway: TestGateway
let passed = 0

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
  process.stdout.write(`GraphQL over HTTP audit: ${passed} of ${AUDITS}\n`)
})

describe('the GraphQL over HTTP audit', () => {
  const audits = serverAudits({ url: () => gateway.url })

  it(`has ${AUDITS} items`, () => {
    expect(audits).toHaveLength(AUDITS)
  })

  it.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_title, audit) => {
    const result = await audit.fn()
    expect('reason' in result ? result.reason : 'met').toBe('met')
    passed += 1
  })
})

describe('the door', () => {
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, { headers })

  it('answers queries by GET to programs, and refuses them to other sites', async () => {
    expect(await (await get('{ me { id } }')).json()).toEqual({ data: { me: { id: 'u1' } } })
    // `fetch` keeps pages, and itself, from setting Sec-Fetch-Site: see answer-rules.test.ts for those
    expect((await get('{ me { id } }', { 'content-type': 'text/plain' })).status).toBe(400)
  })

  it('never executes mutations by GET, announced or not', async () => {
    graph.subgraph('catalogue').reset()
    for (const headers of [undefined, { 'apollo-require-preflight': '1' }]) {
      const answer = await get('mutation { archive(text: "x") }', headers)
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    expect(graph.subgraph('catalogue').asked).toEqual([])
  })

  it('executes nothing whose answer the client does not accept', async () => {
    graph.subgraph('catalogue').reset()
    const answer = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/html' },
      body: JSON.stringify({ query: 'mutation { archive(text: "x") }' }),
    })
    expect(answer.status).toBe(406)
    expect(graph.subgraph('catalogue').asked).toEqual([])
  })
})
