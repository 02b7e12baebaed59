import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { askInParts, deferAccept, mergeParts, type AnswerPart } from '../../support/multipart.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})

/** What may be asked of each type: leaves, and fields of other types. Nothing that fails: a null may then rise less far. */
const types: Readonly<Record<string, { leaves: readonly string[]; fields: readonly [string, string][] }>> = {
  Query: {
    leaves: ['__typename'],
    fields: [
      ['me', 'User'],
      ['users', 'User'],
      ['products', 'Product'],
      ['latestReview', 'Review'],
      ['shelves', 'Product'],
    ],
  },
  User: { leaves: ['id', 'email', '__typename'], fields: [['reviews', 'Review']] },
  Product: {
    leaves: ['upc', 'title', 'price', '... on Book { pages inStock }', '... on Film { minutes }', '__typename'],
    fields: [['reviews', 'Review']],
  },
  Review: {
    leaves: ['id', 'body'],
    fields: [
      ['author', 'User'],
      ['product', 'Product'],
    ],
  },
}

interface Selection {
  readonly kind: 'leaf' | 'field' | 'defer' | 'fragment'
  readonly pick: number
  readonly within: readonly Selection[]
}

const { selections } = fc.letrec<{ selections: Selection[]; selection: Selection }>((tie) => ({
  selections: fc.array(tie('selection'), { minLength: 1, maxLength: 4, depthIdentifier: 'depth' }),
  selection: fc.record({
    kind: fc.constantFrom('leaf', 'field', 'field', 'defer', 'defer', 'fragment'),
    pick: fc.nat(20),
    within: fc.oneof({ maxDepth: 3, depthIdentifier: 'depth' }, fc.constant([]), tie('selections')),
  }),
}))

function write(typeName: string, all: readonly Selection[], hasDefer: boolean): string {
  const { leaves = [], fields = [] } = types[typeName] ?? {}
  const parts = all.map(({ kind, pick, within }) => {
    const [name, fieldType] = fields[pick % fields.length] ?? ['', '']
    if (kind === 'field') return `${name} ${write(fieldType, within, hasDefer)}`
    if (kind === 'defer') return `...${hasDefer ? ' @defer' : ''} ${write(typeName, within, hasDefer)}`
    if (kind === 'fragment') return `... on ${typeName} ${write(typeName, within, hasDefer)}`
    return leaves[pick % leaves.length]
  })
  return `{ ${parts.length === 0 ? leaves[0] : parts.join(' ')} }`
}

async function inParts(query: string): Promise<{ whole: unknown; errors: unknown }> {
  const answer = await askInParts(gateway.url, query, { accept: deferAccept['20220824'] }).catch(() => null)
  if (answer === null || !answer.contentType.startsWith('multipart'))
    return { whole: null, errors: answer?.contentType }
  const parts: AnswerPart[] = []
  for await (const part of answer.parts) parts.push(part)
  expect(parts.at(-1)?.hasNext).toBe(false)
  return { whole: mergeParts(parts), errors: JSON.stringify(parts).includes('"errors"') ? parts : undefined }
}

describe('any operation with @defer', () => {
  it('comes in parts that make up what it is without', async () => {
    await fc.assert(
      fc.asyncProperty(selections, async (chosen) => {
        const deferred = write('Query', chosen, true)
        fc.pre(deferred.includes('@defer'))
        const plain = await gateway.ask(write('Query', chosen, false))
        const { whole, errors } = await inParts(deferred)
        expect(errors).toBeUndefined()
        expect(whole).toEqual(plain.data)
      }),
      { numRuns: 100 },
    )
  }, 1_800_000) // each run is a few small requests: only a machine with other work takes long
})
