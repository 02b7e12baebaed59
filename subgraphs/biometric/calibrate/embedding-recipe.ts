import { createTheoreticalCalibration } from '../domain/calibration.js'
import { dot, sampleAround, syntheticDirection, type EmbeddingRecipe } from '../synthetic/synthetic-embeddings.js'
import type { RandomSource } from '../synthetic/random-source.js'
import { createTrial, equalErrorRate, errorRatesAt, mean, standardDeviation, type Trial } from './error-rates.js'
import { figureFinding, shareFinding, type Finding } from './finding.js'

export interface EmbeddingRun {
  readonly trial: Trial
  readonly findings: readonly Finding[]
}

/** Figures an earlier run of a recipe gave, in 1. */
export interface EmbeddingFigures {
  readonly equalErrorRate?: number
  readonly falseNonMatchRateAt1e4?: number
  readonly genuine?: { readonly mean: number; readonly sd: number }
}

const RATES = [1e-2, 1e-3, 1e-4]
const STRANGERS_EACH = 40 // of a person's probe; more would add pairs that say little new

/** Embeddings by a recipe against theory: strangers' cosines as those of independent uniform directions. */
export function runEmbeddingRecipe(
  name: string,
  recipe: EmbeddingRecipe,
  figures: EmbeddingFigures,
  { persons, random }: { readonly persons: number; readonly random: RandomSource },
): EmbeddingRun {
  const people = Array.from({ length: persons }, () => {
    const mu = syntheticDirection(recipe, random)
    return { enrolled: sampleAround(mu, recipe, random), probe: sampleAround(mu, recipe, random) }
  })
  const genuine = people.map(({ enrolled, probe }) => dot(enrolled, probe))
  const impostors = people.flatMap(({ probe }, index) =>
    Array.from({ length: STRANGERS_EACH }, (_, step) =>
      dot(probe, people[(index + step + 1) % persons]?.enrolled ?? probe),
    ),
  )
  const trial = createTrial(genuine, impostors)
  const { thresholdAt } = createTheoreticalCalibration(recipe.dimension)
  const theory = RATES.map((rate) =>
    shareFinding(
      `${name} FMR at the threshold of ${rate}`,
      errorRatesAt(trial, thresholdAt(rate)).falseMatchRate,
      { value: rate, from: 'theory' },
      impostors.length,
    ),
  )
  return { trial, findings: [...theory, ...againstRecipe(name, trial, figures, thresholdAt(1e-4))] }
}

function againstRecipe(name: string, trial: Trial, figures: EmbeddingFigures, threshold: number): Finding[] {
  const findings: Finding[] = []
  const trials = trial.genuine.length
  const { equalErrorRate: eer, falseNonMatchRateAt1e4: missed, genuine } = figures
  if (eer !== undefined) {
    findings.push(
      shareFinding(
        `${name} EER`,
        equalErrorRate(trial).rate,
        { value: eer, from: 'recipe', uncertainty: 0.06 * eer },
        trials,
      ),
    )
  }
  if (missed !== undefined) {
    const measured = errorRatesAt(trial, threshold).falseNonMatchRate
    findings.push(
      shareFinding(
        `${name} FNMR at FMR 0.0001`,
        measured,
        { value: missed, from: 'recipe', uncertainty: 0.06 * missed },
        trials,
      ),
    )
  }
  if (genuine !== undefined) {
    const spread = genuine.sd / Math.sqrt(trials)
    findings.push(
      figureFinding(
        `${name} one person, mean`,
        mean(trial.genuine),
        { value: genuine.mean, from: 'recipe', uncertainty: 5e-4 },
        spread,
      ),
      figureFinding(
        `${name} one person, sd`,
        standardDeviation(trial.genuine),
        { value: genuine.sd, from: 'recipe', uncertainty: 5e-4 },
        spread,
      ),
    )
  }
  return findings
}
