import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { OperationContext } from '../../../gateway/http/operation-context.js'
import { askInParts, deferAccept, type AnswerPart } from '../../support/multipart.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { shopGraph } from './shop-graph.js'

/** Of a class, with state that only it can reach: plugins are written so. */
class Recorder implements ApolloServerPlugin<OperationContext> {
  #calls: string[] = []

  get calls(): readonly string[] {
    return this.#calls
  }

  forget(): void {
    this.#calls = []
  }

  async serverWillStart() {
    this.#calls.push('serverWillStart')
    return { drainServer: async () => void this.#calls.push('drainServer') }
  }

  async requestDidStart(): Promise<GraphQLRequestListener<OperationContext>> {
    const note = (call: string) => void this.#calls.push(call)
    return {
      didResolveOperation: async ({ operationName }) => note(`didResolveOperation ${operationName}`),
      executionDidStart: async () => {
        note('executionDidStart')
        return { executionDidEnd: async (error) => note(`executionDidEnd ${error === undefined}`) }
      },
      didEncounterErrors: async ({ errors }) => note(`didEncounterErrors ${errors.length}`),
      willSendResponse: async ({ response: { body, http } }) => {
        note(`willSendResponse ${body.kind}`)
        http.headers.set('x-plugin', 'was here')
        const result = body.kind === 'single' ? body.singleResult : body.initialResult
        result.extensions = { ...result.extensions, plugin: true }
      },
      didEncounterSubsequentErrors: async (_context, errors) => note(`didEncounterSubsequentErrors ${errors.length}`),
      willSendSubsequentPayload: async (_context, { hasNext }) => note(`willSendSubsequentPayload ${hasNext}`),
    }
  }
}

let graph: TestGraph
let gateway: TestGateway
const recorder = new Recorder()

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  gateway = await startTestGateway(graph.supergraph, { parts: { plugins: [recorder] } })
})
beforeEach(() => {
  recorder.forget()
  for (const name of Object.keys(shopGraph)) graph.subgraph(name).reset()
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})

async function allParts(query: string, accept: string): Promise<AnswerPart[]> {
  const { parts } = await askInParts(gateway.url, query, { accept })
  const all: AnswerPart[] = []
  for await (const part of parts) all.push(part)
  return all
}

const later = 'query Mine { me { name ... @defer { reviews { id } } } }'

describe('a plugin', () => {
  it('sees an operation on its whole way', async () => {
    const { extensions, headers } = await gateway.ask('query Mine { me { name } }')
    expect(recorder.calls).toEqual([
      'didResolveOperation Mine',
      'executionDidStart',
      'executionDidEnd true',
      'willSendResponse single',
    ])
    expect([extensions, headers.get('x-plugin')]).toEqual([{ plugin: true }, 'was here'])
  })

  it.each(Object.values(deferAccept))('sees an answer in parts alike, and each of the parts: %s', async (accept) => {
    const [first, second] = await allParts(later, accept)
    expect(recorder.calls).toEqual([
      'didResolveOperation Mine',
      'executionDidStart',
      'executionDidEnd true',
      'willSendResponse incremental',
      'willSendSubsequentPayload false',
    ])
    expect(first).toMatchObject({ data: { me: { name: 'Ada' } }, extensions: { plugin: true }, hasNext: true })
    expect(second).toMatchObject({ hasNext: false })
  })

  it.each(Object.values(deferAccept))('is told the errors of every part: %s', async (accept) => {
    graph.subgraph('opinions').takeOver((_asked, res) => void res.destroy())
    await allParts('{ failing me { name ... @defer { reviews { id } } } }', accept)
    expect(recorder.calls).toEqual([
      'didResolveOperation null',
      'executionDidStart',
      'didEncounterErrors 1',
      'executionDidEnd true',
      'willSendResponse incremental',
      'didEncounterSubsequentErrors 1',
      'willSendSubsequentPayload false',
    ])
  })

  it('sees one answer where nothing is deferred, or the client takes no parts', async () => {
    const accept = deferAccept['v0.2']
    await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query: '{ me { name } }' }),
    })
    await gateway.ask(later)
    expect(recorder.calls.filter((call) => call.startsWith('willSend'))).toEqual([
      'willSendResponse single',
      'willSendResponse single',
    ])
  })

  it('may answer in place of the execution, and nothing is fetched', async () => {
    const answering = await startTestGateway(graph.supergraph, {
      parts: {
        plugins: [
          {
            requestDidStart: async () => ({
              responseForOperation: async ({ response: { http } }) => ({
                http,
                body: { kind: 'single', singleResult: { data: { me: null } } },
              }),
            }),
          },
        ],
      },
    })
    graph.subgraph('accounts').takeOver((_asked, res) => answerJson(res, { data: { me: { name: 'fetched' } } }))
    const response = await fetch(answering.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: deferAccept['v0.2'] },
      body: JSON.stringify({ query: later }),
    })
    expect(await response.text()).toContain('"data":{"me":null}')
    expect(graph.subgraph('accounts').asked).toEqual([])
    await answering.close()
  })
})
