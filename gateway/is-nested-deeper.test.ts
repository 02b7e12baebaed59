import { describe, expect, it } from '@jest/globals'
import { isNestedDeeper } from './is-nested-deeper.js'

describe('the nesting of a value', () => {
  it.each<[unknown, number]>([
    [undefined, 0],
    [null, 0],
    ['text', 0],
    [[], 1],
    [{}, 1],
    [[1, 2, [3]], 2],
    [{ a: 1, b: { c: [null] } }, 3],
    [[{ a: [] }, [[[[]]]]], 5],
  ])('of %j is %i', (value, depth) => {
    expect(isNestedDeeper(value, depth)).toBe(false)
    if (depth > 0) expect(isNestedDeeper(value, depth - 1)).toBe(true)
  })

  it('is found at any depth', () => {
    const deep: unknown = JSON.parse('['.repeat(500_000) + ']'.repeat(500_000))
    expect(isNestedDeeper(deep, 499_999)).toBe(true)
    expect(isNestedDeeper(deep, 500_000)).toBe(false)
  })
})
