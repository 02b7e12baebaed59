import { describe, expect, it } from '@jest/globals'
import { logGamma, regularisedIncompleteBeta } from './incomplete-beta.js'

describe('the regularised incomplete beta function', () => {
  it('agrees with its closed forms', () => {
    for (const x of [0.001, 0.1, 0.37, 0.5, 0.82, 0.999]) {
      expect(regularisedIncompleteBeta(x, 1, 1)).toBeCloseTo(x, 13)
      expect(regularisedIncompleteBeta(x, 2, 2)).toBeCloseTo(x * x * (3 - 2 * x), 13)
      expect(regularisedIncompleteBeta(x, 1, 7)).toBeCloseTo(1 - (1 - x) ** 7, 13)
      expect(regularisedIncompleteBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12)
    }
  })

  it('is one half in the middle of a symmetric law, however narrow', () => {
    for (const shape of [0.5, 3, 63.5, 255.5, 2047.5]) {
      expect(regularisedIncompleteBeta(0.5, shape, shape)).toBeCloseTo(0.5, 11)
    }
  })

  it('keeps its digits in the far tail', () => {
    // I_x(a, 1) = x^a
    expect(regularisedIncompleteBeta(0.01, 20, 1) / 1e-40).toBeCloseTo(1, 11)
  })

  it('begins at 0 and ends at 1', () => {
    expect(regularisedIncompleteBeta(0, 3, 4)).toBe(0)
    expect(regularisedIncompleteBeta(1, 3, 4)).toBe(1)
  })

  it.each([
    [-0.1, 1, 1],
    [1.1, 1, 1],
    [0.5, 0, 1],
    [Number.NaN, 1, 1],
  ])('refuses x = %p, a = %p, b = %p', (x, a, b) => {
    expect(() => regularisedIncompleteBeta(x, a, b)).toThrow(RangeError)
  })
})

describe('ln Gamma', () => {
  it('is the logarithm of a factorial, and of the root of pi at one half', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12)
    expect(logGamma(1)).toBeCloseTo(0, 13)
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13)
  })
})
