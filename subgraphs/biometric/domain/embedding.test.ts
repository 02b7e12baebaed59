import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cosine, embeddingFault, encodeUnitVector, norm } from './embedding.js'

const vectors = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 8, maxLength: 8 })
  .filter((numbers) => embeddingFault(numbers, 8) === null)

describe('an embedding', () => {
  it.each([
    ['too short', [1, 2], 'exactly 3 numbers, not 2'],
    ['too long', [1, 2, 3, 4], 'exactly 3 numbers, not 4'],
    ['not a number', [1, Number.NaN, 3], 'number 1 is not'],
    ['infinite', [1, 2, Number.POSITIVE_INFINITY], 'number 2 is not'],
    ['beyond reason', [-1_000_001, 2, 3], 'number 0 is outside'],
    ['all zero', [0, -0, 0], 'all zero'],
    ['without a direction', [1e-7, 0, 0], 'too close to zero'],
  ])('that is %s is refused in words', (_what, numbers, reason) => {
    expect(embeddingFault(numbers, 3)).toContain(reason)
  })

  it('that fits is not refused', () => {
    expect(embeddingFault([1e6, -3, 0], 3)).toBeNull()
  })

  it('is kept at unit length, as float32 in little-endian order', () => {
    expect([...encodeUnitVector([0, -2])]).toEqual([0, 0, 0, 0, 0, 0, 0x80, 0xbf])
    expect(norm([3, 4])).toBe(5)
  })

  it('has the same bytes at half its length, and cosine 1 with itself', () => {
    fc.assert(
      fc.property(vectors, (numbers) => {
        const encoded = encodeUnitVector(numbers)
        const halved = numbers.map((number) => number / 2)
        fc.pre(embeddingFault(halved, 8) === null) // half of what is barely long enough is not
        expect([...encodeUnitVector(halved)]).toEqual([...encoded])
        expect(cosine(encoded, encoded)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('the cosine', () => {
  it('is 0 at right angles and -1 for opposites', () => {
    expect(cosine(encodeUnitVector([1, 0]), encodeUnitVector([0, 7]))).toBe(0)
    expect(cosine(encodeUnitVector([1, 2]), encodeUnitVector([-2, -4]))).toBeCloseTo(-1, 12)
  })

  it('is symmetric and stays within -1 and 1', () => {
    fc.assert(
      fc.property(vectors, vectors, (left, right) => {
        const [a, b] = [encodeUnitVector(left), encodeUnitVector(right)]
        expect(cosine(a, b)).toBe(cosine(b, a))
        expect(Math.abs(cosine(a, b))).toBeLessThanOrEqual(1 + 1e-12)
      }),
    )
  })

  it('is not taken of different dimensions', () => {
    expect(() => cosine(encodeUnitVector([1, 2]), encodeUnitVector([1, 2, 3]))).toThrow(RangeError)
  })
})
