/**
 * Face embeddings with known error rates, instead of people. In: a seed. Out: persons, and captured samples of each: the
 * same ones for the same seed, in the order they are asked for. They are stand-ins for a face model's output on unit
 * vectors, and say nothing about any real model.
 */
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import {
  embeddingRecipes,
  sampleAround,
  syntheticDirection,
} from '../../subgraphs/biometric/synthetic/synthetic-embeddings.js'

export interface FaceSource {
  /** Somebody new. */
  person(): SyntheticPerson
}

export interface SyntheticPerson {
  /** One more capture of this person, a unit vector of 512 numbers. */
  sample(): number[]
}

export function createFaceSource(seed: number): FaceSource {
  const random = createRandomSource(seed)
  const recipe = embeddingRecipes.easyFace
  return {
    person() {
      const mean = syntheticDirection(recipe, random)
      return { sample: () => [...sampleAround(mean, recipe, random)] }
    },
  }
}
