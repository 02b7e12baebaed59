import { describe, expect, it } from '@jest/globals'
import { compileFlattenPath } from './flatten-path.js'

const book = { __typename: 'Book', title: 'SICP' }
const film = { __typename: 'Film', title: 'Tron' }

describe('the path of a Flatten node', () => {
  it('leads to the root when it is empty', () => {
    const root = { a: 1 }
    expect(compileFlattenPath([]).collect(root)).toEqual([root])
  })

  it('goes through fields and every element of lists, lists in lists too', () => {
    const path = compileFlattenPath(['shelves', '@', '@', 'product'])
    const data = { shelves: [[{ product: book }], [], [{ product: film }, { product: book }]] }
    expect(path.collect(data)).toEqual([book, film, book])
    expect(path.locate(data).map((place) => place.path.join('.'))).toEqual([
      'shelves.0.0.product',
      'shelves.2.0.product',
      'shelves.2.1.product',
    ])
  })

  it('passes over what is null, absent, or not an object', () => {
    const path = compileFlattenPath(['list', '@', 'product'])
    expect(path.collect({ list: [null, {}, { product: null }, { product: 'text' }, { product: book }] })).toEqual([
      book,
    ])
    expect(path.collect({ list: null })).toEqual([])
    expect(path.collect({})).toEqual([])
  })

  it('goes on with the named types alone where it names types', () => {
    const data = { one: film, many: [book, film, null] }
    expect(compileFlattenPath(['many', '@|[Book,Shelf]']).collect(data)).toEqual([book])
    expect(compileFlattenPath(['one|[Book]']).collect(data)).toEqual([])
    expect(compileFlattenPath(['one|[Book,Film]']).locate(data)).toEqual([{ object: film, path: ['one'] }])
    expect(compileFlattenPath(['many', '@|[Film]']).locate(data)).toEqual([{ object: film, path: ['many', 1] }])
  })

  it('may begin with the empty element of type-conditioned plans', () => {
    expect(compileFlattenPath(['', 'one']).collect({ one: book })).toEqual([book])
  })
})
