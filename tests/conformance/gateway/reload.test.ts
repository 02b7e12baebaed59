import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createGate, until } from '../../support/until.js'

const first = {
  greetings: {
    typeDefs: 'type Query { hello: String! old: String! }',
    resolvers: { Query: { hello: () => 'hi', old: () => 'still' } },
  },
}
const second = {
  greetings: {
    typeDefs: 'type Query { hello: String! new: String! }',
    resolvers: { Query: { hello: () => 'hello', new: () => 'already' } },
  },
}

let before: TestGraph
let after: TestGraph
let gateway: TestGateway

beforeEach(async () => {
  before = await startTestSubgraphs(first)
  after = await startTestSubgraphs(second)
  gateway = await startTestGateway(before.supergraph)
})
afterEach(async () => {
  await gateway.close()
  await before.close()
  await after.close()
})

const isNew = async () => (await gateway.ask('{ new }')).data?.['new'] === 'already'

describe('a supergraph file that changes', () => {
  it('takes the place of the one in use', async () => {
    expect((await gateway.ask('{ old }')).data).toEqual({ old: 'still' })
    await gateway.replaceSupergraph(after.supergraph)
    await until(isNew)
    expect((await gateway.ask('{ old }')).errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it('is refused when it is not a supergraph, and the one in use stays', async () => {
    await gateway.replaceSupergraph('type Query { hello: String }')
    await until(async () => gateway.log.some((line) => line.includes('the one in use stays')))
    expect((await gateway.ask('{ old }')).data).toEqual({ old: 'still' })
    await gateway.replaceSupergraph(after.supergraph)
    await until(isNew)
  })

  it('leaves requests in flight on the one they began with', async () => {
    const held = createGate()
    const asked = createGate()
    before.subgraph('greetings').takeOver(async (request, res) => {
      asked.open()
      await held.opened
      answerJson(res, await request.execute())
    })
    const answer = gateway.ask('{ hello old }')
    await asked.opened
    await gateway.replaceSupergraph(after.supergraph)
    await until(isNew)
    held.open()
    expect((await answer).data).toEqual({ hello: 'hi', old: 'still' })
  })
})
