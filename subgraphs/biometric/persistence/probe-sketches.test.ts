import { describe, expect, it } from '@jest/globals'
import { createFaceSource } from '../../../tests/support/synthetic-faces.js'
import { componentsOf, encodeUnitVector } from '../domain/embedding.js'
import { ALIKE_BITS, createProbeSketches } from './probe-sketches.js'

const key = (fill: number) => new Uint8Array(32).fill(fill)
const [one, two] = ['6a1f0000-0000-4000-8000-000000000001', '6a1f0000-0000-4000-8000-000000000002']
const sketches = createProbeSketches({ masterKeys: { k1: key(1) }, currentKeyId: 'k1' })
const directionOf = (sample: readonly number[]) => componentsOf(encodeUnitVector(sample))
const bitsOf = (sample: readonly number[], recordId = one, from = sketches) =>
  from.all(recordId, directionOf(sample))[0].bits
const differing = (left: string, right: string) => [...left].filter((bit, index) => bit !== right[index]).length

describe('sketches of probes', () => {
  const person = createFaceSource(31).person()
  const sample = person.sample()

  it.each([
    ['another length', (number: number) => number * 3],
    ['one component moved a little', (number: number, index: number) => (index === 7 ? number + 1e-7 : number)],
    ['noise of a hundredth', (number: number, index: number) => number + 0.014 * Math.sin(index * 1.7) * 2 ** -4.5],
    ['fewer digits', (number: number) => Math.round(number * 2_000) / 2_000],
  ])('are alike after %s', (_what, change) => {
    expect(differing(bitsOf(sample), bitsOf(sample.map(change)))).toBeLessThanOrEqual(ALIKE_BITS)
  })

  it('of other captures of the person are far apart', () => {
    for (let times = 0; times < 50; times += 1) {
      expect(differing(bitsOf(sample), bitsOf(person.sample()))).toBeGreaterThan(5 * ALIKE_BITS)
    }
  })

  it('have nothing in common under another record or key', () => {
    const others = createProbeSketches({ masterKeys: { k1: key(2) }, currentKeyId: 'k1' })
    for (const bits of [bitsOf(sample, two), bitsOf(sample, one, others)]) {
      expect(Math.abs(differing(bitsOf(sample), bits) - 256)).toBeLessThan(100)
    }
  })

  it('are still known after the master key has changed, while the old one is kept', () => {
    const rotated = createProbeSketches({ masterKeys: { k1: key(1), k2: key(2) }, currentKeyId: 'k2' })
    const all = rotated.all(one, directionOf(sample))
    expect(all.map(({ keyId }) => keyId)).toEqual(['k2', 'k1'])
    expect(all[1]?.bits).toBe(bitsOf(sample))
  })

  it('are refused a current key that is not there', () => {
    expect(() => createProbeSketches({ masterKeys: { k1: key(1) }, currentKeyId: 'k9' })).toThrow(RangeError)
  })
})
