import { describe, expect, it } from '@jest/globals'
import { compileRewrites, renamedKeys } from './rewrites.js'

const conditions = (name: string) => new Set(name === 'Product' ? ['Product', 'Book', 'Film'] : [name])

function rewritten(rewrites: Parameters<typeof compileRewrites>[0], data: unknown): unknown {
  compileRewrites(rewrites, conditions)?.(data)
  return JSON.parse(JSON.stringify(data))
}

describe('rewrites', () => {
  it('give a key its own name back, zero and empty values too', () => {
    const rename = { kind: 'KeyRenamer' as const, path: ['items', 'price__alias_0'], renameKeyTo: 'price' }
    const data = { items: [{ price__alias_0: 0 }, { price__alias_0: null }, { other: 1 }] }
    expect(rewritten([rename], data)).toEqual({ items: [{ price: 0 }, { price: null }, { other: 1 }] })
  })

  it('keep to objects of the type they are for', () => {
    const rename = { kind: 'KeyRenamer' as const, path: ['... on Book', 'size__alias_0'], renameKeyTo: 'size' }
    const data = [
      { __typename: 'Book', size__alias_0: 1 },
      { __typename: 'Film', size__alias_0: 2 },
      { size__alias_0: 3 },
    ]
    expect(rewritten([rename], data)).toEqual([
      { __typename: 'Book', size: 1 },
      { __typename: 'Film', size__alias_0: 2 },
      { size: 3 },
    ])
  })

  it('set values, for every type that satisfies a condition', () => {
    const set = { kind: 'ValueSetter' as const, path: ['... on Product', '__typename'], setValueTo: 'Product' }
    expect(rewritten([set], [{ __typename: 'Book' }, { __typename: 'Shelf' }])).toEqual([
      { __typename: 'Product' },
      { __typename: 'Shelf' },
    ])
  })

  it('are nothing when there are none', () => {
    expect(compileRewrites(undefined, conditions)).toBeNull()
    expect(compileRewrites([], conditions)).toBeNull()
  })

  it('tell which made-up names stand for which', () => {
    const rename = { kind: 'KeyRenamer' as const, path: ['a', 'b__alias_0'], renameKeyTo: 'b' }
    expect([...renamedKeys([rename])]).toEqual([['b__alias_0', 'b']])
  })
})
