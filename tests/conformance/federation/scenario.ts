/** A federation scenario: its subgraphs with a gateway before them for as long as the tests around it run. */
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import { askInParts, mergeParts, type AnswerPart } from '../../support/multipart.js'
import { startTestGateway, type GatewayAnswer, type TestGateway } from '../../support/test-gateway.js'
import {
  startTestSubgraphs,
  type AskedRequest,
  type TestGraph,
  type TestGraphOptions,
  type TestSubgraph,
  type TestSubgraphDefinition,
} from '../../support/test-subgraphs.js'

export interface Scenario {
  ask(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GatewayAnswer>
  /** The data of an answer that must have no errors. */
  dataOf(query: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** The same, of an answer that comes in parts, put together. */
  dataInParts(query: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** To take over its answers for the rest of a test. */
  subgraph(name: string): TestSubgraph
  /** What a subgraph was asked in this test, in order. */
  asked(subgraph: string): readonly AskedRequest[]
  /** How often each subgraph was asked in this test; those not asked are left out. */
  calls(): Record<string, number>
}

/** To be called within `describe`. */
export function scenario(
  definitions: Readonly<Record<string, TestSubgraphDefinition>>,
  options: TestGraphOptions = {},
): Scenario {
  let graph: TestGraph | undefined
  let gateway: TestGateway | undefined
  const names = Object.keys(definitions)
  beforeAll(async () => {
    graph = await startTestSubgraphs(definitions, options)
    gateway = await startTestGateway(graph.supergraph)
  })
  afterAll(async () => {
    await gateway?.close()
    await graph?.close()
  })
  const subgraph = (name: string): TestSubgraph => {
    if (graph === undefined) throw new Error('The scenario has not begun.')
    return graph.subgraph(name)
  }
  beforeEach(() => names.forEach((name) => subgraph(name).reset()))
  const ask: Scenario['ask'] = async (query, variables) => {
    if (gateway === undefined) throw new Error('The scenario has not begun.')
    return gateway.ask(query, { ...(variables && { variables }) })
  }
  return {
    ask,
    async dataOf(query, variables) {
      const { data, errors } = await ask(query, variables)
      expect(errors).toBeUndefined()
      return data
    },
    async dataInParts(query, variables) {
      if (gateway === undefined) throw new Error('The scenario has not begun.')
      const { parts } = await askInParts(gateway.url, query, { ...(variables && { variables }) })
      const all: AnswerPart[] = []
      for await (const part of parts) all.push(part)
      expect(JSON.stringify(all)).not.toContain('"errors"')
      return mergeParts(all)
    },
    subgraph,
    asked: (name) => subgraph(name).asked,
    calls: () =>
      Object.fromEntries(
        names.flatMap((name) => {
          const count = subgraph(name).asked.length
          return count === 0 ? [] : [[name, count]]
        }),
      ),
  }
}

export type Row = Readonly<Record<string, unknown>>

/**
 * A `__resolveReference` over rows: the row that agrees with every column the representation has in common with it, and what
 * the representation brought with it. Null when there is none.
 */
export function reference(rows: readonly Row[], ...keys: string[]) {
  return (representation: Row): Row | null => {
    const sent = keys.filter((key) => representation[key] !== undefined)
    const row = rows.find((candidate) => sent.length > 0 && sent.every((key) => candidate[key] === representation[key]))
    return row === undefined
      ? null
      : { ...row, ...representation, __typename: row['__typename'] ?? representation['__typename'] }
  }
}
