import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRandomSource } from '../../synthetic/random-source.js'
import { embeddingRecipes, sampleAround, syntheticDirection, dot } from '../../synthetic/synthetic-embeddings.js'
import type { Calibration } from '../calibration.js'
import { tableOfTheory } from '../calibrations/score-table.js'
import { face, voice } from '../embedding-modality.js'
import { fingerprint } from '../fingerprint/fingerprint.js'
import { iris } from '../iris/iris.js'
import { normalTail } from '../normal-distribution.js'
import { convolve, tailsOf } from './distribution.js'
import { createFusedCalibration } from './fused-calibration.js'

/** Strangers N(0, 1), one person N(apart, 1): its equal error rate is Phi(-apart / 2). */
function gaussian(apart: number): Calibration {
  const table = tableOfTheory({
    lowest: -3,
    highest: apart + 4,
    falseMatchRate: normalTail,
    falseNonMatchRate: (threshold) => normalTail(apart - threshold),
  })
  return {
    version: `gaussian-${apart}`,
    leastFalseMatchRate: 1e-9,
    thresholdAt: () => 0,
    table: () => ({ ...table, leastFalseNonMatchRate: 1e-12 }),
  }
}

/** The distance at which the equal error rate is this. */
function apartAt(rate: number): number {
  let [low, high] = [0, 20]
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (normalTail(middle / 2) > rate) low = middle
    else high = middle
  }
  return low
}

describe('fusing modalities', () => {
  it('reaches what theory says of independent normal scores: 1.00% and 3.22% give 0.148%', () => {
    const fused = createFusedCalibration([gaussian(apartAt(0.01)), gaussian(apartAt(0.0322))])
    expect(fused.equalErrorRate()).toBeCloseTo(0.00148, 4)
    expect(fused.equalErrorRate() / 0.00148).toBeCloseTo(1, 1)
  })

  it.each([
    [1, 2],
    [2, 2],
    [3, 1],
  ])('has d = sqrt(d1^2 + d2^2) of normal scores %p and %p apart', (one, other) => {
    const fused = createFusedCalibration([gaussian(one), gaussian(other)])
    expect(fused.equalErrorRate()).toBeCloseTo(normalTail(Math.hypot(one, other) / 2), 3)
  })

  it('takes strangers no oftener than it states, and errs less than either modality: synthetic faces and voices', () => {
    const random = createRandomSource(20_261_123)
    const people = Array.from({ length: 400 }, () => {
      const [mu, tone] = [embeddingRecipes.easyFace, embeddingRecipes.voice].map((recipe) => ({
        recipe,
        mean: syntheticDirection(recipe, random),
      }))
      const captured = () => [mu, tone].map((one) => one && sampleAround(one.mean, one.recipe, random))
      return { enrolled: captured(), probe: captured() }
    })
    const fused = createFusedCalibration([face.calibration, voice.calibration])
    const sum = (left: (Float64Array | undefined)[], right: (Float64Array | undefined)[]) =>
      fused.evidence.reduce(
        (steps, evidence, index) =>
          steps + evidence.stepsOf(dot(left[index] ?? new Float64Array(), right[index] ?? new Float64Array())),
        0,
      )
    const genuine = people.map(({ enrolled, probe }) => sum(enrolled, probe))
    const strangers = people.flatMap(({ enrolled }, index) =>
      people.slice(0, index).map(({ probe }) => sum(enrolled, probe)),
    )
    for (const rate of [1e-2, 1e-3, 1e-4]) {
      const threshold = fused.thresholdAt(rate)
      const accepted = strangers.filter((steps) => steps >= threshold).length
      expect(accepted).toBeLessThan(rate * strangers.length + 4 * Math.sqrt(rate * strangers.length) + 1)
      if (rate === 1e-2) expect(accepted).toBeGreaterThan(0.8 * rate * strangers.length)
      expect(genuine.filter((steps) => steps < threshold).length / genuine.length).toBeLessThan(0.005)
    }
  })

  it('has thresholds that never fall as the rate does, and states none it can’t', () => {
    const fused = createFusedCalibration([face, voice, iris, fingerprint].map(({ calibration }) => calibration))
    const rates = fc.double({ min: 1e-9, max: 0.49, noNaN: true })
    fc.assert(
      fc.property(rates, rates, (one, other) => {
        expect(fused.thresholdAt(Math.min(one, other))).toBeGreaterThanOrEqual(fused.thresholdAt(Math.max(one, other)))
      }),
    )
    expect(() => fused.thresholdAt(fused.leastFalseMatchRate / 2)).toThrow(RangeError)
    expect(() => fused.thresholdAt(0.5)).toThrow(RangeError)
  })

  it.each([face, voice, iris, fingerprint].map((modality) => [modality.type, modality] as const))(
    'lets no higher score of %s say less, and what strangers say has a probability of one',
    (_type, { calibration }) => {
      const [evidence] = createFusedCalibration([calibration, calibration]).evidence
      const { thresholds } = calibration.table()
      const said = Array.from(thresholds, (threshold) => evidence?.stepsOf(threshold) ?? 0)
      expect(said).toEqual([...said].sort((left, right) => left - right))
      for (const { masses } of [evidence?.impostors, evidence?.genuine].filter((one) => one !== undefined)) {
        expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 12)
        expect(Math.min(...masses)).toBeGreaterThanOrEqual(0)
      }
    },
  )
})

describe('the distribution of a sum', () => {
  it('is that of two dice', () => {
    const die = { first: 1, masses: Float64Array.from({ length: 6 }, () => 1 / 6) }
    const two = convolve(die, die)
    expect(two.first).toBe(2)
    expect(Array.from(two.masses, (mass) => Math.round(mass * 36))).toEqual([1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1])
    expect(tailsOf(two)[9]).toBeCloseTo(3 / 36, 12) // eleven or more
  })
})
