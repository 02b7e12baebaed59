import { createRandomSource } from '../synthetic/random-source.js'
import { embeddingRecipes } from '../synthetic/synthetic-embeddings.js'
import { impressionLevels } from '../synthetic/synthetic-fingers.js'
import { runEmbeddingRecipe } from './embedding-recipe.js'
import type { Trial } from './error-rates.js'
import type { Finding } from './finding.js'
import { runFingerprintRecipe } from './fingerprint-recipe.js'
import { runFusionRecipe } from './fusion-recipe.js'
import { runIrisRecipe } from './iris-recipe.js'

/** Synthetic persons of each kind. */
export interface RecipeSizes {
  readonly irises: number
  readonly embeddings: number
  readonly fingers: number
}

/** A few seconds: what `npm test` runs. */
export const seedSizes: RecipeSizes = { irises: 150, embeddings: 1_500, fingers: 20 }

/** Some minutes: rates down to 1e-4 are seen tens of times. */
export const fullSizes: RecipeSizes = { irises: 1_500, embeddings: 20_000, fingers: 200 }

export interface CalibrationRun {
  readonly findings: readonly Finding[]
  /** By the name of a plot, then of a curve. */
  readonly plots: ReadonlyMap<string, ReadonlyMap<string, Trial>>
}

/** Every recipe at these sizes, from this seed on. */
export function runRecipes({ irises, embeddings, fingers }: RecipeSizes, seed: number): CalibrationRun {
  const random = createRandomSource(seed)
  const people = { persons: embeddings, random }
  const iris = runIrisRecipe(irises, random)
  const vectors = {
    'easy face, 512': runEmbeddingRecipe(
      'easy face',
      embeddingRecipes.easyFace,
      { genuine: { mean: 0.665, sd: 0.074 } },
      people,
    ),
    'hard face, 128': runEmbeddingRecipe(
      'hard face',
      embeddingRecipes.hardFace,
      { equalErrorRate: 0.006, falseNonMatchRateAt1e4: 0.0284 },
      people,
    ),
    'voice, 192': runEmbeddingRecipe('voice', embeddingRecipes.voice, { equalErrorRate: 0.00735 }, people),
  }
  const prints = {
    good: runFingerprintRecipe('good', impressionLevels.good, { low: 0, high: 0.001 }, { persons: fingers, random }),
    medium: runFingerprintRecipe(
      'medium',
      impressionLevels.medium,
      { low: 0, high: 0.0025 },
      { persons: fingers, random },
    ),
    hard: runFingerprintRecipe(
      'hard',
      impressionLevels.hard,
      { low: 0.002, high: 0.0148 },
      { persons: fingers, random },
    ),
    poor: runFingerprintRecipe('poor', impressionLevels.poor, { low: 0.19, high: 0.25 }, { persons: fingers, random }),
  }
  const fusion = runFusionRecipe({ persons: Math.ceil(embeddings / 2), random })
  return {
    findings: [iris, ...Object.values(vectors), ...Object.values(prints), fusion].flatMap(({ findings }) => findings),
    plots: new Map([
      ['iris', new Map([['2,048 bits, best of 7', iris.trial]])],
      ['embeddings', trialsOf(vectors)],
      ['fingerprint', trialsOf(prints)],
      ['fusion', new Map([['voice, 192, and hard face, 128', fusion.trial]])],
    ]),
  }
}

function trialsOf(runs: Readonly<Record<string, { readonly trial: Trial }>>): ReadonlyMap<string, Trial> {
  return new Map(Object.entries(runs).map(([name, { trial }]) => [name, trial]))
}
