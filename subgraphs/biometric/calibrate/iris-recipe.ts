import { hammingDistance, type HammingTerms } from '../domain/iris/hamming-distance.js'
import { binomialFalseMatchRate, DAUGMAN_DEGREES_OF_FREEDOM } from '../domain/iris/iris-calibration.js'
import { encodeIrisCode, IRIS_BITS, type IrisCode } from '../domain/iris/iris-code.js'
import type { RandomSource } from '../synthetic/random-source.js'
import { capturedAgain, syntheticIris } from '../synthetic/synthetic-irises.js'
import { createTrial, errorRatesAt, mean, standardDeviation, type Trial } from './error-rates.js'
import { figureFinding, shareFinding, type Finding } from './finding.js'

const POSITIONS = 7
const BEST_OF_7: HammingTerms = { rotations: 3, referenceBits: IRIS_BITS, minimumBits: 1 }
const STRAIGHT: HammingTerms = { ...BEST_OF_7, rotations: 0 }

export interface IrisRun {
  readonly trial: Trial
  readonly findings: readonly Finding[]
}

/** Irises by the recipe against Daugman's theory: 249 degrees of freedom, best of 7 rotations. */
export function runIrisRecipe(persons: number, random: RandomSource): IrisRun {
  const eyes = Array.from({ length: persons }, () => syntheticIris(random))
  const templates = eyes.map(encodeIrisCode)
  const pairs = templates.flatMap((left, index) => templates.slice(0, index).map((right) => [left, right] as const))
  const best = pairs.map(([left, right]) => hammingDistance(left, right, BEST_OF_7))
  const genuine = eyes.map((eye, index) =>
    hammingDistance(templates[index] ?? encodeIrisCode(eye), encodeIrisCode(capturedAgain(eye, random)), STRAIGHT),
  )
  // pairs share eyes, so that fewer of them are independent: as many as there are eyes taken two by two, several times over
  const independent = pairs.length / 4
  const trial = createTrial(
    genuine.map((distance) => 1 - distance),
    best.map((distance) => 1 - distance),
  )
  const distances = Float64Array.from(best)
  const rate = (distance: number) => ({
    value: binomialFalseMatchRate(distance, DAUGMAN_DEGREES_OF_FREEDOM, POSITIONS),
    from: 'theory' as const,
    uncertainty: 0.12 * binomialFalseMatchRate(distance, DAUGMAN_DEGREES_OF_FREEDOM, POSITIONS), // chains are not quite coins
  })
  const own = Float64Array.from(genuine)
  return {
    trial,
    findings: [
      ...plainFindings(eyes),
      figureFinding(
        'iris strangers, mean of best of 7',
        mean(distances),
        { value: 0.4572, from: 'theory', uncertainty: 5e-4 },
        0.0198 / Math.sqrt(persons),
      ),
      figureFinding(
        'iris strangers, sd of best of 7',
        standardDeviation(distances),
        { value: 0.0198, from: 'theory', uncertainty: 3e-4 },
        0.0198 / Math.sqrt(2 * persons),
      ),
      shareFinding('iris FMR at 0.38', errorRatesAt(trial, 0.62).falseMatchRate, rate(0.38), independent),
      shareFinding('iris FMR at 0.40', errorRatesAt(trial, 0.6).falseMatchRate, rate(0.4), independent),
      figureFinding(
        'iris one eye, mean',
        mean(own),
        { value: 0.1105, from: 'recipe', uncertainty: 5e-4 },
        0.0648 / Math.sqrt(persons),
      ),
      figureFinding(
        'iris one eye, sd',
        standardDeviation(own),
        { value: 0.0648, from: 'recipe', uncertainty: 5e-4 },
        0.08 / Math.sqrt(2 * persons),
      ),
      shareFinding(
        'iris FNMR at 0.32',
        errorRatesAt(trial, 0.68).falseNonMatchRate,
        { value: 0.0067, from: 'recipe', uncertainty: 5e-4 },
        persons,
      ),
    ],
  }
}

/** How strangers' codes differ where neither is turned: as Daugman's coins. */
function plainFindings(eyes: readonly IrisCode[]): Finding[] {
  const templates = eyes.map(encodeIrisCode)
  const inverted = eyes.map(({ code, mask }) => encodeIrisCode({ code: code.map((byte) => byte ^ 0xff), mask }))
  const distances = Float64Array.from(
    templates.flatMap((left, index) =>
      templates.slice(0, index).map((right, other) => {
        const near = hammingDistance(left, right, STRAIGHT) // a half at most: what lies beyond is near the inverted code
        return near < 0.5 ? near : 1 - hammingDistance(left, inverted[other] ?? right, STRAIGHT)
      }),
    ),
  )
  const sd = standardDeviation(distances)
  const chance = 0.0317 / Math.sqrt(2 * eyes.length)
  const known = (value: number, uncertainty: number) => ({ value, from: 'theory' as const, uncertainty })
  return [
    figureFinding('iris strangers, mean', mean(distances), known(0.5, 5e-4), 0.0317 / Math.sqrt(eyes.length)),
    figureFinding('iris strangers, sd', sd, known(0.0317, 3e-4), chance),
    figureFinding(
      'iris degrees of freedom, 1 / (4 sd^2)',
      1 / (4 * sd ** 2),
      known(DAUGMAN_DEGREES_OF_FREEDOM, 5),
      (2 * DAUGMAN_DEGREES_OF_FREEDOM * chance) / 0.0317,
    ),
  ]
}
