import { describe, expect, it } from '@jest/globals'
import { createRandomSource } from '../synthetic/random-source.js'
import { dot, embeddingRecipes, sampleAround, syntheticDirection } from '../synthetic/synthetic-embeddings.js'
import { createRotation } from './keyed-rotation.js'

const seed = (Math.random() * 2 ** 32) | 0
const random = createRandomSource(seed)
const key = () => crypto.getRandomValues(new Uint8Array(32))
const recipe = embeddingRecipes.easyFace

describe(`a keyed rotation (seed ${seed})`, () => {
  it.each([512, 192, 128, 96])('keeps the cosines of vectors of %d components to 1e-15', (dimension) => {
    const turn = createRotation(key(), dimension)
    for (let pair = 0; pair < 100; pair += 1) {
      const near = { dimension, a: 14, b: 7 }
      const mean = syntheticDirection(near, random)
      const [left, right] = [sampleAround(mean, near, random), sampleAround(mean, near, random)]
      const [a, b] = [turn(left), turn(right)]
      const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
      const before = dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right))
      expect(Math.abs(cosine - before)).toBeLessThan(3e-15)
    }
  })

  it('is the same for the same key and another for another', () => {
    const vector = syntheticDirection(recipe, random)
    const secret = key()
    expect(createRotation(secret, 512)(vector)).toEqual(createRotation(secret, 512)(vector))
    expect(Math.abs(dot(createRotation(key(), 512)(vector), createRotation(secret, 512)(vector)))).toBeLessThan(0.3)
  })

  it('spreads every single component over all', () => {
    const turn = createRotation(key(), 512)
    for (let at = 0; at < 512; at += 37) {
      const unit = new Float64Array(512)
      unit[at] = 1
      expect(Math.max(...turn(unit).map(Math.abs))).toBeLessThan(0.35) // a random direction: about 0.15
    }
  })

  it('leaves two galleries unlinkable: D_sys near 0, against 1 of vectors as they are', () => {
    const [here, there] = [createRotation(key(), 512), createRotation(key(), 512)]
    const people = Array.from({ length: 1_500 }, () => syntheticDirection(recipe, random))
    const sampled = people.map(
      (mean) => [sampleAround(mean, recipe, random), sampleAround(mean, recipe, random)] as const,
    )
    const linkage = (score: (left: Float64Array, right: Float64Array) => number) => {
      const mated = sampled.map(([left, right]) => score(left, right))
      const others = sampled.map(([left], at) => score(left, sampled[(at + 1) % sampled.length]?.[1] ?? left))
      return globalLinkability(mated, others)
    }
    expect(linkage(dot)).toBeGreaterThan(0.99)
    expect(linkage((left, right) => dot(here(left), there(right)))).toBeLessThan(0.15)
    expect(linkage((left, right) => dot(here(left), here(right)))).toBeGreaterThan(0.99)
  })
})

/**
 * D_sys of Gomez-Barrero et al. 2018, "General framework to evaluate unlinkability in biometric template protection systems":
 * the mean over scores of mated pairs of 2 LR / (1 + LR) - 1 where the likelihood ratio LR is above 1, else 0; by histograms of
 * equal shares of all scores. What 1,500 pairs in 10 bins leave to chance is about 0.05.
 */
function globalLinkability(mated: readonly number[], others: readonly number[]): number {
  const all = [...mated, ...others].sort((left, right) => left - right)
  const bins = 10
  const edges = Array.from({ length: bins - 1 }, (_, bin) => all[Math.floor(((bin + 1) * all.length) / bins)] ?? 0)
  const share = (scores: readonly number[]) => {
    const counts = new Array<number>(bins).fill(0)
    for (const score of scores) {
      const bin = edges.filter((edge) => score >= edge).length
      counts[bin] = (counts[bin] ?? 0) + 1 / scores.length
    }
    return counts
  }
  const [m, o] = [share(mated), share(others)]
  return m.reduce((sum, here, bin) => {
    const there = o[bin] ?? 0
    return here <= there ? sum : sum + here * ((2 * here) / (here + there) - 1)
  }, 0)
}
