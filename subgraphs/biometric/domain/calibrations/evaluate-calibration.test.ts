import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRandomSource } from '../../synthetic/random-source.js'
import { normalTail } from '../normal-distribution.js'
import { evaluateCalibration } from './evaluate-calibration.js'
import { createMeasuredCalibration } from './measured-calibration.js'
import { countScores, faultOfScores } from './measured-scores.js'
import { proportionBound, proportionInterval } from './proportion-interval.js'

function evaluated(genuine: readonly number[], impostors: readonly number[], thresholds: readonly number[] = []) {
  const scores = countScores(genuine, impostors)
  const calibration = createMeasuredCalibration('test', scores)
  return evaluateCalibration({ calibration, scores, thresholds, falseMatchRates: [] })
}

describe('evaluating a calibration', () => {
  // genuine 4 5 6 7 8, strangers 1 2 3 4 5: at 5 one of five strangers is taken and one of five people is not
  const genuine = [8, 4, 6, 5, 7]
  const impostors = [3, 1, 5, 2, 4]

  it('finds what a hand-computed example has', () => {
    const { equalErrorRate, atThresholds } = evaluated(genuine, impostors, [1, 4, 4.5, 5, 6, 9])
    expect(equalErrorRate).toMatchObject({ value: expect.closeTo(0.2, 12), threshold: 5 })
    expect(
      atThresholds.map(({ threshold, falseMatchRate, falseNonMatchRate }) => [
        ...[threshold, falseMatchRate.value, falseNonMatchRate.value],
      ]),
    ).toEqual([
      [1, 1, 0],
      [4, 0.4, 0],
      [5, 0.2, 0.2],
      [5, 0.2, 0.2],
      [6, 0, 0.4],
      [8, 0, 0.8],
    ])
  })

  it('states rates with the exact intervals of Clopper and Pearson', () => {
    // 1 of 5: 0.005051, 0.716418; 0 of 5: 0, 0.521824 (R, binom.test)
    const [at5, at6] = evaluated(genuine, impostors, [5, 6]).atThresholds
    expect(at5?.falseMatchRate.interval?.low).toBeCloseTo(0.005051, 6)
    expect(at5?.falseMatchRate.interval?.high).toBeCloseTo(0.716418, 6)
    expect(at6?.falseMatchRate.interval?.low).toBe(0)
    expect(at6?.falseMatchRate.interval?.high).toBeCloseTo(0.521824, 6)
  })

  it('draws a curve on which misses rise and matches fall', () => {
    const { points } = evaluated(genuine, impostors)
    expect(points.map(({ threshold }) => threshold)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(points.map(({ falseMatchRate }) => falseMatchRate.value)).toEqual([1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0])
    expect(points.map(({ falseNonMatchRate }) => falseNonMatchRate.value)).toEqual([0, 0, 0, 0, 0.2, 0.4, 0.6, 0.8])
  })

  it.each([2, 3, 4])('finds of normal scores %p sd apart the equal error rate of theory, Phi(-d / 2)', (apart) => {
    const random = createRandomSource(20_261_122)
    const normals = (count: number, mean: number) => Array.from({ length: count }, () => mean + random.normal())
    const { equalErrorRate } = evaluated(normals(20_000, apart), normals(20_000, 0))
    const theory = normalTail(apart / 2)
    const { low, high } = equalErrorRate.interval ?? { low: 1, high: 0 }
    expect(low).toBeLessThan(theory)
    expect(high).toBeGreaterThan(theory)
    expect(high - low).toBeLessThan(0.2 * theory + 0.003)
  })
})

describe('a measured calibration', () => {
  it('states no rate its trials do not show: three divided by them, with no stranger above', () => {
    const scores = countScores(
      [0.9, 0.8, 0.95],
      Array.from({ length: 30_000 }, (_, index) => index / 100_000),
    )
    const calibration = createMeasuredCalibration('test', scores)
    expect(calibration.leastFalseMatchRate * 30_000).toBeCloseTo(3, 2)
    expect(calibration.thresholdAt(1e-4)).toBe(0.8)
    expect(() => calibration.thresholdAt(0.99e-4)).toThrow(RangeError)
    expect(() => calibration.thresholdAt(0.5)).toThrow(RangeError)
  })

  const lists = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 400 })
  const rates = fc.double({ min: 1e-6, max: 0.49, noNaN: true })

  it('has thresholds that never fall as the rate does, and keeps what it states on its own strangers', () => {
    fc.assert(
      fc.property(lists, lists, rates, rates, (genuine, impostors, one, other) => {
        const [strict, lax] = [Math.min(one, other), Math.max(one, other)]
        const scores = countScores(genuine, impostors)
        expect(faultOfScores(scores)).toBeNull()
        const calibration = createMeasuredCalibration('test', scores)
        fc.pre(strict >= calibration.leastFalseMatchRate)
        const [high, low] = [calibration.thresholdAt(strict), calibration.thresholdAt(lax)]
        expect(high).toBeGreaterThanOrEqual(low)
        const accepted = impostors.filter((score) => score >= high).length
        expect(accepted / impostors.length).toBeLessThanOrEqual(strict)
        expect(proportionBound(accepted, impostors.length)).toBeLessThanOrEqual(strict)
      }),
    )
  })
})

describe('the interval of a proportion', () => {
  it('is that of published tables: 10 of 100 and 0 of 20', () => {
    const { low, high } = proportionInterval(10, 100) // 0.049005, 0.176223
    expect([low.toFixed(6), high.toFixed(6)]).toEqual(['0.049005', '0.176223'])
    expect(proportionInterval(0, 20).high).toBeCloseTo(0.168433, 6)
    expect(proportionInterval(20, 20)).toEqual({ low: expect.closeTo(1 - 0.168433, 6), high: 1 })
  })

  it('goes over from the exact one to Wilson’s where both say the same', () => {
    for (const trials of [10_000, 1_000_000]) {
      const [exact, approximate] = [proportionBound(999, trials), proportionBound(1_000, trials)]
      expect(approximate).toBeGreaterThan(exact)
      expect(approximate / exact).toBeLessThan(1.002)
    }
  })
})
