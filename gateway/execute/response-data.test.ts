import { describe, expect, it } from '@jest/globals'
import { mergeInto } from './response-data.js'

function merged(target: Record<string, unknown>, ...sources: Record<string, unknown>[]): unknown {
  for (const source of sources) mergeInto(target, source)
  return target
}

describe('merging an answer into the data', () => {
  it('takes over what is missing, as it is', () => {
    const reviews = [{ id: 'r1' }]
    const target: Record<string, unknown> = { id: 'u1' }
    mergeInto(target, { reviews })
    expect(target['reviews']).toBe(reviews)
  })

  it('joins objects and the elements of lists', () => {
    expect(
      merged({ me: { id: 1, tags: [{ a: 1 }, { a: 2 }] } }, { me: { name: 'Ada', tags: [{ b: 1 }, { b: 2 }] } }),
    ).toEqual({
      me: {
        id: 1,
        name: 'Ada',
        tags: [
          { a: 1, b: 1 },
          { a: 2, b: 2 },
        ],
      },
    })
    expect(merged({ grid: [[{ a: 1 }], []] }, { grid: [[{ b: 1 }], []] })).toEqual({ grid: [[{ a: 1, b: 1 }], []] })
  })

  it('lets a later value win, but never a null over something', () => {
    expect(merged({ a: 1, b: { c: 1 }, d: [{ e: 1 }], f: null }, { a: 2, b: null, d: [null], f: 3, g: null })).toEqual({
      a: 2,
      b: { c: 1 },
      d: [{ e: 1 }],
      f: 3,
      g: null,
    })
  })

  it('keeps fields that are named as something every object inherits', () => {
    expect(merged({}, { constructor: null, toString: 'text' })).toEqual({ constructor: null, toString: 'text' })
  })

  it('leaves prototypes alone', () => {
    const target = {}
    mergeInto(target, JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}'))
    mergeInto(target, JSON.parse('{"a":{"__proto__":{"polluted":true}}}'))
    expect('polluted' in {}).toBe(false)
    expect('polluted' in target).toBe(false)
  })
})
