import { describe, expect, it } from '@jest/globals'
import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import { compileRepresentations } from './representations.js'

const conditions = (name: string) => new Set(name === 'Product' ? ['Product', 'Book', 'Film'] : [name])
const field = (name: string, selections?: QueryPlanSelectionNode[]): QueryPlanSelectionNode =>
  selections === undefined ? { kind: 'Field', name } : { kind: 'Field', name, selections }
const on = (typeCondition: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode => ({
  kind: 'InlineFragment',
  typeCondition,
  selections,
})

const key = [on('Product', field('__typename'), field('upc'))]

function represent(requires: QueryPlanSelectionNode[], objects: Record<string, unknown>[]) {
  const { json, count, positions } = compileRepresentations(requires, undefined, conditions)(objects)
  const sent: unknown = JSON.parse(json)
  return { sent, count, positions }
}

describe('representations', () => {
  it('stand once for equal entities', () => {
    const [a, b] = [
      { __typename: 'Book', upc: '1', title: 'x' },
      { __typename: 'Book', upc: '2' },
    ]
    expect(represent(key, [a, b, { ...a, title: 'y' }, b])).toEqual({
      sent: [
        { __typename: 'Book', upc: '1' },
        { __typename: 'Book', upc: '2' },
      ],
      count: 2,
      positions: [0, 1, 0, 1],
    })
  })

  it('leave out objects that lack a required field, a type, or the right type', () => {
    const objects = [
      { __typename: 'Book' },
      { upc: '1' },
      { __typename: 'Shelf', upc: '1' },
      { __typename: 'Film', upc: '1' },
    ]
    expect(represent(key, objects)).toEqual({
      sent: [{ __typename: 'Film', upc: '1' }],
      count: 1,
      positions: [-1, -1, -1, 0],
    })
  })

  it('hold null where the data do', () => {
    expect(represent(key, [{ __typename: 'Book', upc: null }]).sent).toEqual([{ __typename: 'Book', upc: null }])
  })

  it('join what several conditions ask of one type', () => {
    const size = (name: string) => field('size', [field(name)])
    const requires = [
      ...key,
      on('Book', field('upc'), size('pages')),
      on('Product', size('weight')),
      on('Film', field('minutes')),
    ]
    const book = { __typename: 'Book', upc: '1', size: { pages: 3, weight: 4, colour: 'red' } }
    expect(represent(requires, [book]).sent).toEqual([{ __typename: 'Book', upc: '1', size: { pages: 3, weight: 4 } }])
  })

  it('go down into lists in lists', () => {
    const requires = [on('Book', field('__typename'), field('grid', [field('x')]), field('tags'))]
    const book = { __typename: 'Book', grid: [[{ x: 1, y: 2 }], [], [null]], tags: [['a'], []] }
    expect(represent(requires, [book]).sent).toEqual([
      { __typename: 'Book', grid: [[{ x: 1 }], [], [null]], tags: [['a'], []] },
    ])
  })

  it('do not mistake what every object inherits for a field', () => {
    const requires = [on('Book', field('__typename'), field('constructor'))]
    expect(represent(requires, [{ __typename: 'Book' }]).count).toBe(0)
  })

  it('are rewritten before they are compared', () => {
    const asInterface = { kind: 'ValueSetter' as const, path: ['... on Product', '__typename'], setValueTo: 'Product' }
    const write = compileRepresentations(key, [asInterface], conditions)
    const { json, positions } = write([
      { __typename: 'Book', upc: '1' },
      { __typename: 'Film', upc: '1' },
    ])
    expect([JSON.parse(json), positions]).toEqual([[{ __typename: 'Product', upc: '1' }], [0, 0]])
  })
})
