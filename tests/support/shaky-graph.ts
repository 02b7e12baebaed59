import type { TestGraph, TakeOver, TestSubgraphDefinition } from './test-subgraphs.js'

/* Two subgraphs: one that always works, and one that tests break. Both have a part of the people. */

const people = [
  { id: 'p1', name: 'Ada', rank: 1, title: 'Countess' },
  { id: 'p2', name: 'Grace', rank: 2, title: 'Admiral' },
]

const steady: TestSubgraphDefinition = {
  typeDefs: `
    type Query { steady: String, people: [Person!]! }
    type Person @key(fields: "id") { id: ID!, name: String! }
  `,
  resolvers: { Query: { steady: () => 'steady', people: () => people } },
}

const shaky: TestSubgraphDefinition = {
  typeDefs: `
    type Query { shaky: Thing, robust: String }
    type Thing { text: String! }
    type Person @key(fields: "id") { id: ID!, rank: Int, title: String! }
  `,
  resolvers: {
    Query: { shaky: () => ({ text: 'whole' }), robust: () => 'robust' },
    Person: { __resolveReference: ({ id }: { id: string }) => people.find((person) => person.id === id) ?? null },
  },
}

export const shakyGraph = { steady, shaky }

/** Every answer that has to do with `shaky` or with entities comes to grief; `robust` works on, over the same connections. */
export function breakAnswers(graph: TestGraph, fault: TakeOver): void {
  graph.subgraph('shaky').takeOver(async (asked, res) => {
    if (/\bshaky\b|_entities/.test(asked.query)) return fault(asked, res)
    res.setHeader('content-type', 'application/json').end(JSON.stringify(await asked.execute()))
  })
}
