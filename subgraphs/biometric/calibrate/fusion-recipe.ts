import type { Calibration } from '../domain/calibration.js'
import { createTheoreticalCalibration } from '../domain/calibration.js'
import { tableOfTheory } from '../domain/calibrations/score-table.js'
import { createFusedCalibration, natsOf } from '../domain/fusion/fused-calibration.js'
import { normalTail } from '../domain/normal-distribution.js'
import type { RandomSource } from '../synthetic/random-source.js'
import { dot, embeddingRecipes, sampleAround, syntheticDirection } from '../synthetic/synthetic-embeddings.js'
import { createTrial, equalErrorRate, errorRatesAt, type Trial } from './error-rates.js'
import { figureFinding, shareFinding, type Finding } from './finding.js'

export interface FusionRun {
  readonly trial: Trial
  readonly findings: readonly Finding[]
}

const { voice, hardFace } = embeddingRecipes
const RECIPES = [voice, hardFace]
const STRANGERS_EACH = 40

/** Voices and hard faces fused, against what the convolution of their calibrations says; and normal scores, against theory. */
export function runFusionRecipe({ persons, random }: { persons: number; random: RandomSource }): FusionRun {
  const fused = createFusedCalibration(RECIPES.map((recipe) => createTheoreticalCalibration(recipe.dimension, recipe)))
  const people = Array.from({ length: persons }, () => {
    const means = RECIPES.map((recipe) => syntheticDirection(recipe, random))
    const capture = () =>
      RECIPES.map((recipe, index) => sampleAround(means[index] ?? new Float64Array(), recipe, random))
    return { enrolled: capture(), probe: capture() }
  })
  const score = (left: readonly Float64Array[], right: readonly Float64Array[]) => {
    const steps = fused.evidence.map((evidence, index) =>
      evidence.stepsOf(dot(left[index] ?? new Float64Array(), right[index] ?? new Float64Array())),
    )
    return natsOf(steps.reduce((sum, step) => sum + step, 0))
  }
  const genuine = people.map(({ enrolled, probe }) => score(enrolled, probe))
  const impostors = people.flatMap(({ probe }, index) =>
    Array.from({ length: STRANGERS_EACH }, (_, step) =>
      score(people[(index + step + 1) % persons]?.enrolled ?? probe, probe),
    ),
  )
  const trial = createTrial(genuine, impostors)
  const predicted = fused.equalErrorRate()
  const measured = (rate: number) => errorRatesAt(trial, natsOf(fused.thresholdAt(rate))).falseMatchRate
  return {
    trial,
    findings: [
      shareFinding(
        'fused EER, voice and hard face',
        equalErrorRate(trial).rate,
        { value: predicted, from: 'theory', uncertainty: 0.1 * predicted },
        persons,
      ),
      ...[1e-2, 1e-3].map((rate) =>
        shareFinding(
          `fused FMR at the threshold of ${rate}`,
          measured(rate),
          { value: rate, from: 'theory' },
          impostors.length,
        ),
      ),
      figureFinding(
        'fused EER, normal scores of 1.00% and 3.22%',
        createFusedCalibration([normalScores(0.01), normalScores(0.0322)]).equalErrorRate(),
        { value: 0.00148, from: 'theory', uncertainty: 2e-5 }, // a hundredth is lost to intervals of scores,
        0,
      ),
    ],
  }
}

/** Strangers N(0, 1), one person N(d, 1), d such that the equal error rate Phi(-d / 2) is this. */
function normalScores(rate: number): Calibration {
  let [low, high] = [0, 20]
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (normalTail(middle / 2) > rate) low = middle
    else high = middle
  }
  const apart = low
  const table = tableOfTheory({
    lowest: -3,
    highest: apart + 4,
    falseMatchRate: normalTail,
    falseNonMatchRate: (threshold) => normalTail(apart - threshold),
  })
  return {
    version: `normal-${rate}`,
    leastFalseMatchRate: 1e-9,
    table: () => table,
    thresholdAt() {
      throw new RangeError('Only its table is used.')
    },
  }
}
