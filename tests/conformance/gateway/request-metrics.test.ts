import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs({
    words: { typeDefs: 'type Query { word: String }', resolvers: { Query: { word: () => 'yes' } } },
  })
  gateway = await startTestGateway(graph.supergraph, { environment: { GATEWAY_METRICS_PORT: '0' } })
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})

async function counted(): Promise<Record<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${gateway.running.metricsPort}/metrics`)
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('http_request'))
  const told = lines.filter((line) => /^http_requests_(total|in_flight)/.test(line)).map((line) => line.split(' '))
  return Object.fromEntries(told.map(([name = '', value]) => [name.replace('service="gateway",', ''), Number(value)]))
}

it('a gateway counts every request once, whichever way it is answered', async () => {
  for (let time = 0; time < 3; time += 1) await gateway.ask('{ word }') // the short way
  await gateway.ask('{ wrong }')
  const multipart = { accept: 'multipart/mixed;deferSpec=20220824, application/json' } // the long way
  await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...multipart },
    body: '{"query":"{ word }"}',
  }).then((answer) => answer.text())
  const get = new URL(gateway.url)
  get.searchParams.set('query', '{ word }')
  await fetch(get, { headers: { 'apollo-require-preflight': '1' } }).then((answer) => answer.text())
  const wanted = {
    'http_requests_total{method="POST",path="/graphql",status="200"}': 5,
    'http_requests_total{method="GET",path="/graphql",status="200"}': 1,
    'http_requests_in_flight{service="gateway"}': 0,
  }
  await until(async () => Object.values(await counted()).reduce((sum, value) => sum + value, 0) === 6, 30_000)
  expect(await counted()).toEqual(wanted)
})
