import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { prettyFormatQueryPlan } from '@apollo/query-planner'
import { defaultDocumentLimits } from '../../../gateway/operation/default-limits.js'
import { createGeneration, type Generation } from '../../../gateway/supergraph/generation.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let generation: Generation

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  generation = createGeneration(1, graph.supergraph, {
    urlOverrides: new Map(),
    limits: defaultDocumentLimits,
  })
})
afterAll(() => graph.close())

async function planOf(query: string, operationName?: string) {
  const { documents, plans } = generation
  return plans.planFor(documents.select(documents.read(query), operationName))
}

describe('plans', () => {
  it('reach each subgraph once for what it alone knows', async () => {
    expect(prettyFormatQueryPlan((await planOf('{ me { name reviews { body } } }')).queryPlan)).toMatchInlineSnapshot(`
     "QueryPlan {
       Sequence {
         Fetch(service: "accounts") {
           {
             me {
               __typename
               id
               name
             }
           }
         },
         Flatten(path: "me") {
           Fetch(service: "opinions") {
             {
               ... on User {
                 __typename
                 id
               }
             } =>
             {
               ... on User {
                 reviews {
                   body
                 }
               }
             }
           },
         },
       },
     }"
    `)
  })

  it('fetch what a field requires first', async () => {
    const query = '{ product(upc: "b1") { ... on Book { shippingCost } } }'
    expect(prettyFormatQueryPlan((await planOf(query)).queryPlan)).toMatchInlineSnapshot(`
     "QueryPlan {
       Sequence {
         Fetch(service: "catalogue") {
           {
             product(upc: "b1") {
               __typename
               ... on Book {
                 __typename
                 upc
                 price
                 weight
               }
             }
           }
         },
         Flatten(path: "product") {
           Fetch(service: "shipping") {
             {
               ... on Book {
                 __typename
                 upc
                 price
                 weight
               }
             } =>
             {
               ... on Book {
                 shippingCost
               }
             }
           },
         },
       },
     }"
    `)
  })

  it('put a condition around what it decides', async () => {
    const query = 'query ($deep: Boolean!) { me { name reviews @include(if: $deep) { body } } }'
    expect(prettyFormatQueryPlan((await planOf(query)).queryPlan)).toMatchInlineSnapshot(`
     "QueryPlan {
       Sequence {
         Fetch(service: "accounts") {
           {
             me {
               __typename
               id
               name
             }
           }
         },
         Include(if: $deep) {
           Flatten(path: "me") {
             Fetch(service: "opinions") {
               {
                 ... on User {
                   __typename
                   id
                 }
               } =>
               {
                 ... on User {
                   reviews {
                     body
                   }
                 }
               }
             },
           }
         },
       },
     }"
    `)
  })

  it('are made once for documents that say the same', async () => {
    const plan = await planOf('{ me { name } }')
    expect(await planOf('{ me { name } }')).toBe(plan)
    expect(await planOf('query { me\n{ name } # with a comment\n}')).toBe(plan)
    expect(await planOf('query A { me { name } } query B { me { email } }', 'B')).not.toBe(plan)
  })

  it('are not needed for what the gateway knows by itself', async () => {
    expect((await planOf('{ __typename __schema { queryType { name } } }')).step).toBeNull()
  })
})
