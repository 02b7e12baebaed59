import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { breakAnswers, shakyGraph } from '../support/shaky-graph.js'
import { startTestGateway, type TestGateway } from '../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../support/test-subgraphs.js'

/* GraphQL answers that arrive whole and are wrong all the same. */

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(shakyGraph)
  gateway = await startTestGateway(graph.supergraph)
})
afterEach(() => graph.subgraph('shaky').reset())
afterAll(async () => {
  await gateway.close()
  await graph.close()
})

async function ask(query: string) {
  const { data, errors = [] } = await gateway.ask(query)
  return { data, errors: errors.map(({ path, extensions: { code } }) => `${code} ${path?.join('.')}`) }
}

const answers = (body: unknown) => breakAnswers(graph, (_asked, res) => answerJson(res, body))
const named = [{ name: 'Ada' }, { name: 'Grace' }]
const unranked = named.map((person) => ({ ...person, rank: null }))

describe('entities', () => {
  it.each<[string, unknown]>([
    ['none', []],
    ['too few', [{ rank: 1 }]],
    ['too many', [{ rank: 1 }, { rank: 2 }, { rank: 3 }]],
    ['null in place of a list', null],
    ['an object in place of a list', { 0: { rank: 1 }, 1: { rank: 2 }, length: 2 }],
    ['a text in place of a list', 'ab'],
  ])('that are %s are all without what was asked for, with one error', async (_what, entities) => {
    answers({ data: { _entities: entities } })
    expect(await ask('{ people { name rank } steady }')).toEqual({
      data: { people: unranked, steady: 'steady' },
      errors: ['SUBGRAPH_BAD_RESPONSE people'],
    })
  })

  it('that do not come at all are one error', async () => {
    answers({ data: {} })
    expect((await ask('{ people { name rank } }')).errors).toEqual(['SUBGRAPH_BAD_RESPONSE people'])
  })

  it.each<[string, unknown[]]>([
    ['null', [null, { rank: 2 }]],
    ['a number', [7, { rank: 2 }]],
    ['a list', [[{ rank: 1 }], { rank: 2 }]],
  ])('of which one is %s lack that one alone', async (_what, entities) => {
    answers({ data: { _entities: entities } })
    expect((await ask('{ people { name rank } }')).data).toEqual({
      people: [
        { name: 'Ada', rank: null },
        { name: 'Grace', rank: 2 },
      ],
    })
    const { data, errors } = await ask('{ people { name title } steady }')
    expect(data).toBeNull() // what must not be null rises, and all of this must not be
    expect(errors).toContain('SUBGRAPH_BAD_RESPONSE people.0.title')
  })

  it('of another type are not taken, with an error', async () => {
    answers({
      data: {
        _entities: [
          { __typename: 'Thing', id: 'p9', name: 'Mallory', rank: 1, text: 'no' },
          { __typename: 'Person', rank: 2 },
        ],
      },
    })
    expect(await ask('{ people { __typename id name rank } }')).toEqual({
      data: {
        people: [
          { __typename: 'Person', id: 'p1', name: 'Ada', rank: null },
          { __typename: 'Person', id: 'p2', name: 'Grace', rank: 2 },
        ],
      },
      errors: ['SUBGRAPH_BAD_RESPONSE people'],
    })
  })

  it.each<[string, unknown]>([
    ['a text', 'first'],
    ['an object', { value: 1 }],
    ['a list', [1]],
    ['a number that is no Int', 2 ** 40],
  ])('with %s for an Int have null there, and an error each', async (_what, rank) => {
    answers({ data: { _entities: [{ rank }, { rank: 2 }] } })
    expect(await ask('{ people { name rank } }')).toEqual({
      data: { people: [unranked[0], { name: 'Grace', rank: 2 }] },
      errors: ['SUBGRAPH_BAD_RESPONSE people.0.rank'],
    })
  })
})

describe('errors', () => {
  it('of forms that are none are masked, and stand where the fetch does', async () => {
    for (const errors of [[null], ['no'], [7], [{}], [{ message: 7, path: { a: 1 }, extensions: [] }]]) {
      answers({ data: null, errors })
      expect(await ask('{ shaky { text } steady }')).toEqual({
        data: { shaky: null, steady: 'steady' },
        errors: ['INT_INTERNAL_ERROR shaky'],
      })
    }
  })

  it('with paths to nowhere lead nowhere else', async () => {
    const paths = [['_entities'], ['_entities', 9, 'rank'], ['_entities', -1], ['steady'], ['__proto__', 'x'], []]
    for (const path of paths) {
      answers({ data: { _entities: [{ rank: 1 }, { rank: 2 }] }, errors: [{ message: 'No.', path }] })
      const { data, errors } = await gateway.ask('{ people { name rank } steady }')
      expect(data).toMatchObject({ people: [{ rank: 1 }, { rank: 2 }], steady: 'steady' })
      for (const error of errors ?? []) expect(error.path?.[0]).toBe('people')
    }
  })

  it('by the thousand are told by the hundred', async () => {
    const errors = Array.from({ length: 50_000 }, (_, index) => ({ message: `${index}`, path: ['shaky'] }))
    answers({ data: null, errors })
    expect((await ask('{ shaky { text } }')).errors).toHaveLength(100)
  })

  it('beside data leave the data as they are', async () => {
    answers({ data: { shaky: { text: 'whole' } }, errors: [{ message: 'A warning.', path: ['shaky', 'text'] }] })
    expect(await ask('{ shaky { text } }')).toEqual({
      data: { shaky: { text: 'whole' } },
      errors: ['INT_INTERNAL_ERROR shaky.text'],
    })
  })
})

describe('data', () => {
  it.each<[string, unknown]>([
    ['a text in place of an object', 'whole'],
    ['a list in place of an object', [{ text: 'whole' }]],
    ['an object in place of a text', { text: {} }],
    ['nothing that was asked for', { other: 1 }],
  ])('that are %s are null, with an error', async (_what, value) => {
    answers({ data: { shaky: value } })
    const { data, errors } = await ask('{ shaky { text } steady }')
    expect(data).toEqual({ shaky: null, steady: 'steady' })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/^SUBGRAPH_BAD_RESPONSE shaky/)
  })

  it('that nobody asked for are told to nobody', async () => {
    answers({
      data: { shaky: { text: 'whole', secret: 'x' }, steady: 'forged', people: [] },
      extensions: { secret: 1 },
    })
    expect(await gateway.ask('{ shaky { text } steady }')).toMatchObject({
      data: { shaky: { text: 'whole' }, steady: 'steady' },
    })
    expect(JSON.stringify(await ask('{ shaky { text } }'))).not.toContain('secret')
  })
})
