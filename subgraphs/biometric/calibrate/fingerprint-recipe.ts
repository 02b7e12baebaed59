import { createPrintMatcher } from '../domain/fingerprint/match-prints.js'
import { nominalPrintCalibration, worthOf } from '../domain/fingerprint/print-calibration.js'
import { createPrint } from '../domain/fingerprint/print.js'
import type { RandomSource } from '../synthetic/random-source.js'
import { impressionOf, syntheticFinger, type ImpressionLevel } from '../synthetic/synthetic-fingers.js'
import { createTrial, equalErrorRate, errorRatesAt, type Trial } from './error-rates.js'
import type { Finding } from './finding.js'

export interface FingerprintRun {
  readonly trial: Trial
  readonly findings: readonly Finding[]
}

/** Fingerprints by the recipe: the equal error rate of a level, and that strangers stay under the nominal rates. */
export function runFingerprintRecipe(
  name: string,
  level: ImpressionLevel,
  expected: { readonly low: number; readonly high: number },
  { persons, random }: { readonly persons: number; readonly random: RandomSource },
): FingerprintRun {
  const people = Array.from({ length: persons }, () => {
    const finger = syntheticFinger(random)
    return {
      probe: createPrint(impressionOf(finger, level, random)),
      enrolled: createPrint(impressionOf(finger, level, random)),
    }
  })
  const genuine: number[] = []
  const impostors: number[] = []
  for (const [index, { probe }] of people.entries()) {
    const matcher = createPrintMatcher(probe)
    for (const [other, { enrolled }] of people.entries()) {
      const scores = other === index ? genuine : impostors
      scores.push(worthOf(matcher.scoreAgainst(enrolled)))
    }
  }
  const trial = createTrial(genuine, impostors)
  const { rate } = equalErrorRate(trial)
  const known = (expected.low + expected.high) / 2
  return {
    trial,
    findings: [
      { name: `fingerprint EER, ${name}`, measured: rate, known, from: 'recipe', ...chanceAround(expected, persons) },
      ...[1e-1, 1e-2].map((nominal) => nominalFinding(name, nominal, trial)),
    ],
  }
}

/** What chance adds to both ends of what is expected. */
function chanceAround({ low, high }: { low: number; high: number }, persons: number) {
  const chance = (rate: number) => 4.2 * Math.max(Math.sqrt((rate * (1 - rate)) / persons), 1 / persons)
  return { low: Math.max(0, low - chance(low)), high: high + chance(high) }
}

/** Nominal rates promise a bound, not a figure: any lower rate keeps the promise. */
function nominalFinding(name: string, nominal: number, trial: Trial): Finding {
  const measured = errorRatesAt(trial, nominalPrintCalibration.thresholdAt(nominal)).falseMatchRate
  const chance = 4.2 * Math.sqrt(nominal / trial.impostors.length)
  return {
    name: `fingerprint FMR at nominal ${nominal}, ${name}`,
    measured,
    known: nominal,
    from: 'theory',
    low: 0,
    high: nominal + chance,
  }
}
