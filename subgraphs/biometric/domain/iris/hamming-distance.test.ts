import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRandomSource } from '../../synthetic/random-source.js'
import { capturedAgain, syntheticIris, turned } from '../../synthetic/synthetic-irises.js'
import { hammingDistance, type HammingTerms } from './hamming-distance.js'
import { binomialFalseMatchRate, createIrisCalibration } from './iris-calibration.js'
import { encodeIrisCode, IRIS_BITS, IRIS_CODE_BYTES, type IrisCode } from './iris-code.js'
import { iris } from './iris.js'

const raw: HammingTerms = { rotations: 0, referenceBits: IRIS_BITS, minimumBits: 1 }
const distance = (left: IrisCode, right: IrisCode, terms = raw) =>
  hammingDistance(encodeIrisCode(left), encodeIrisCode(right), terms)

/** The definition, bit by bit: what the words of 32 bits have to agree with. */
function bitByBit(left: IrisCode, right: IrisCode, { rotations, referenceBits, minimumBits }: HammingTerms): number {
  const bit = (bytes: Uint8Array, at: number) => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1
  let best = 0.5
  for (let columns = -rotations; columns <= rotations; columns += 1) {
    let differing = 0
    let common = 0
    for (let at = 0; at < IRIS_BITS; at += 1) {
      const other = (at + 16 * columns + IRIS_BITS) % IRIS_BITS
      if (bit(left.mask, at) === 0 || bit(right.mask, other) === 0) continue
      common += 1
      differing += bit(left.code, at) ^ bit(right.code, other)
    }
    if (common < minimumBits) continue
    best = Math.min(best, 0.5 - (0.5 - differing / common) * Math.sqrt(common / referenceBits))
  }
  return best
}

const bytes = fc.uint8Array({ minLength: IRIS_CODE_BYTES, maxLength: IRIS_CODE_BYTES })
const irisCode = fc.record({ code: bytes, mask: bytes })

function moments(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) }
}

describe('the Hamming distance of irises', () => {
  it('is what its definition says, bit by bit, for any codes, masks and rotations', () => {
    fc.assert(
      fc.property(irisCode, irisCode, fc.integer({ min: 0, max: 15 }), (left, right, rotations) => {
        const terms = { rotations, referenceBits: 911, minimumBits: 200 }
        expect(distance(left, right, terms)).toBeCloseTo(bitByBit(left, right, terms), 12)
      }),
      { numRuns: 40 },
    )
  })

  it('finds an eye again that was turned within the rotations, and not beyond', () => {
    const eye = syntheticIris(createRandomSource(1))
    for (const columns of [-15, -4, 0, 7, 15]) {
      expect(distance(turned(eye, columns), eye, { ...raw, rotations: 15 })).toBe(0)
    }
    expect(distance(turned(eye, 16), eye, { ...raw, rotations: 15 })).toBeGreaterThan(0.3)
  })

  it('says less the fewer bits two codes have in common, and nothing below the least', () => {
    const random = createRandomSource(2)
    const eye = syntheticIris(random)
    const again = capturedAgain(eye, random)
    const seen = (share: number): IrisCode => ({
      ...again,
      mask: again.mask.map((_, at) => (at < share * IRIS_CODE_BYTES ? 0xff : 0)),
    })
    const terms = { ...raw, minimumBits: 300 }
    const [whole, half, little] = [1, 0.5, 0.1].map((share) => distance(eye, seen(share), terms))
    expect(whole).toBeLessThan(half ?? 0)
    expect(half).toBeLessThan(0.5)
    expect(little).toBe(0.5)
  })

  it('lies between strangers as theory says: as 249 tossed coins, and at the best of 7 rotations', () => {
    const random = createRandomSource(3)
    const eyes = Array.from({ length: 200 }, () => encodeIrisCode(syntheticIris(random)))
    const pairs = eyes.flatMap((left, index) => eyes.slice(0, index).map((right) => [left, right] as const))
    const unturned = pairs.map(([left, right]) => hammingDistance(left, right, raw))
    const best = pairs.map(([left, right]) => hammingDistance(left, right, { ...raw, rotations: 3 }))
    // 0.5 is the largest that is told, so the mean of the lower half stands for the whole: 0.5 - sd * sqrt(2 / pi) / 2
    expect(moments(unturned).mean).toBeCloseTo(0.5 - (0.0317 * Math.sqrt(2 / Math.PI)) / 2, 2)
    expect(moments(best).mean).toBeCloseTo(0.4572, 2)
    expect(Math.abs(moments(best).sd - 0.0198)).toBeLessThan(0.002)
    const accepted = best.filter((value) => value <= 0.4).length
    const expected = binomialFalseMatchRate(0.4, 249, 7) * pairs.length
    process.stdout.write(`FMR at 0.40, best of 7: ${accepted} of ${pairs.length}, ${expected.toFixed(1)} by theory\n`)
    expect(Math.abs(accepted - expected)).toBeLessThan(4 * Math.sqrt(expected))
  })

  it('lies between captures of one eye as the recipe says: 0.11 +- 0.065', () => {
    const random = createRandomSource(4)
    const genuine = Array.from({ length: 1_000 }, () => {
      const eye = syntheticIris(random)
      return distance(eye, capturedAgain(eye, random))
    })
    expect(moments(genuine).mean).toBeCloseTo(0.1105, 2)
    expect(moments(genuine).sd).toBeCloseTo(0.0648, 2)
  })
})

describe('the calibration of irises', () => {
  it('gives the rates Daugman published for the best of 7 rotations', () => {
    const oneIn = { 0.3: 2.2e9, 0.32: 3.5e7, 0.33: 3.7e6, 0.34: 9.0e5, 0.35: 1.2e5 }
    for (const [published, strangers] of Object.entries(oneIn)) {
      const heads = Math.floor(Number(published) * 249) // his sums are over whole numbers of coins
      const rate = binomialFalseMatchRate((heads + 0.5) / 249, 249, 7)
      expect(1 / rate / strangers).toBeCloseTo(1, 1)
    }
  })

  it('gives the threshold back at which strangers are accepted so often', () => {
    const calibration = createIrisCalibration({ positions: 31, referenceBits: 911 })
    for (const rate of [1e-2, 1e-4, 1e-6]) {
      const threshold = calibration.thresholdAt(rate)
      expect(binomialFalseMatchRate(1 - threshold, (249 * 911) / 2048, 31) / rate).toBeCloseTo(1, 6)
    }
    expect(() => calibration.thresholdAt(0.5)).toThrow(RangeError)
  })

  it.each([
    ['whole', 0xff, 0xff],
    ['half hidden', 0xff, 0],
  ])('keeps what it states on strangers’ codes that are %s', async (_how, even, odd) => {
    const random = createRandomSource(20_261_124)
    const mask = new Uint8Array(256).map((_, at) => ((at >> 1) % 2 === 0 ? even : odd))
    const codes = Array.from({ length: 70 }, () => encodeIrisCode({ ...syntheticIris(random), mask }))
    const scores = await Promise.all(
      codes.flatMap((left, index) => codes.slice(0, index).map((right) => iris.compare(left, right))),
    )
    const accepted = scores.filter((score) => score >= iris.calibration.thresholdAt(1e-2)).length
    expect(accepted / scores.length).toBeLessThan(1.6e-2)
    expect(accepted / scores.length).toBeGreaterThan(0.3e-2)
  })
})
