import { expect, it } from '@jest/globals'
import { voice, face } from '../embedding-modality.js'
import { iris } from '../iris/iris.js'
import { createTheoreticalCalibration } from '../calibration.js'
import { equalErrorRateOf, type ScoreTable } from './score-table.js'
import { missRateOfRecipe } from './likeness.js'

it('the recipe of voices has the equal error rate that was measured on it: 0.735% at 0.175', () => {
  const { rate, threshold } = equalErrorRateOf(voice.calibration.table())
  expect(rate).toBeGreaterThan(0.0071)
  expect(rate).toBeLessThan(0.0076)
  expect(threshold).toBeCloseTo(0.175, 2)
})

it('the recipe of hard faces misses 2.84% where one stranger in ten thousand passes', () => {
  const misses = missRateOfRecipe({ a: 3, b: 1.5 }, 128)
  expect(misses(createTheoreticalCalibration(128).thresholdAt(1e-4))).toBeCloseTo(0.0284, 3)
})

/** Of the share that lies below each threshold. */
function moments({ thresholds, falseNonMatchRates }: ScoreTable) {
  let [mean, square] = [0, 0]
  for (let index = 1; index < thresholds.length; index += 1) {
    const share = (falseNonMatchRates[index] ?? 0) - (falseNonMatchRates[index - 1] ?? 0)
    const middle = ((thresholds[index] ?? 0) + (thresholds[index - 1] ?? 0)) / 2
    mean += share * middle
    square += share * middle * middle
  }
  return { mean, sd: Math.sqrt(square - mean * mean) }
}

it('the recipe of faces has cosines of 0.665 +- 0.074', () => {
  const { mean, sd } = moments(face.calibration.table())
  expect(mean).toBeCloseTo(0.665, 2)
  expect(sd).toBeCloseTo(0.074, 2)
})

it('the recipe of irises misses 0.67% at a plain distance of 0.32', () => {
  const { thresholds, falseNonMatchRates } = iris.calibration.table()
  const score = 0.5 + (0.5 - 0.32) * Math.sqrt(2048 / 911)
  const after = thresholds.findIndex((threshold) => threshold >= score)
  expect(falseNonMatchRates[after]).toBeCloseTo(0.0067, 3)
})
