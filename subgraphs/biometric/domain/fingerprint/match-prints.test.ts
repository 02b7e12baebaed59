import { describe, expect, it } from '@jest/globals'
import { createRandomSource } from '../../synthetic/random-source.js'
import { impressionLevels, impressionOf, syntheticFinger } from '../../synthetic/synthetic-fingers.js'
import { createPrintMatcher } from './match-prints.js'
import type { Minutia } from './minutiae.js'
import { nominalPrintCalibration, worthOf } from './print-calibration.js'
import { createPrint, type Print } from './print.js'

const score = (probe: readonly Minutia[], candidate: readonly Minutia[]) =>
  createPrintMatcher(createPrint(probe)).scoreAgainst(createPrint(candidate))

/** Turned counter-clockwise about a point of the sensor, then moved, to the nearest pixel. */
function moved(minutiae: readonly Minutia[], degrees: number, dx: number, dy: number): Minutia[] {
  const angle = (degrees / 180) * Math.PI
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return minutiae.map(({ x, y, direction, type }) => ({
    x: Math.round(300 + cos * (x - 300) + sin * (y - 300)) + dx,
    y: Math.round(300 - sin * (x - 300) + cos * (y - 300)) + dy,
    direction: (direction + angle + 4 * Math.PI) % (2 * Math.PI),
    type,
  }))
}

interface Trial {
  readonly genuine: number[]
  readonly impostors: number[]
}

function trial(persons: number, level: keyof typeof impressionLevels): Trial {
  const random = createRandomSource(11)
  const capture = (finger: ReturnType<typeof syntheticFinger>): Print =>
    createPrint(impressionOf(finger, impressionLevels[level], random))
  const people = Array.from({ length: persons }, () => {
    const finger = syntheticFinger(random)
    return { probe: capture(finger), enrolled: capture(finger) }
  })
  const genuine: number[] = []
  const impostors: number[] = []
  for (const [index, { probe }] of people.entries()) {
    const matcher = createPrintMatcher(probe)
    for (const [other, { enrolled }] of people.entries()) {
      ;(other === index ? genuine : impostors).push(matcher.scoreAgainst(enrolled))
    }
  }
  return { genuine, impostors }
}

const PERSONS = 25
const trials = new Map<string, Trial>()

function trialOf(level: keyof typeof impressionLevels): Trial {
  const known = trials.get(level) ?? trial(PERSONS, level)
  trials.set(level, known)
  return known
}

/** Where as many strangers are accepted as people are refused. */
function equalErrorRate({ genuine, impostors }: Trial): number {
  const share = (values: readonly number[], fits: (value: number) => boolean) =>
    values.filter(fits).length / values.length
  return Math.min(
    ...genuine.map((threshold) =>
      Math.max(
        share(genuine, (value) => value < threshold),
        share(impostors, (value) => value >= threshold),
      ),
    ),
  )
}

const levels = ['good', 'medium', 'hard', 'poor'] as const

/** Of one finger and of two: other scores would make another algorithm, with a version and a calibration of its own. */
const scoresOfCalibration = {
  good: [
    [142.06609, 13.181685],
    [113.938376, 7.786278],
    [133.284339, 13.055297],
    [164.541455, 11.320026],
    [166.157896, 12.557412],
  ],
  medium: [
    [30.656884, 8.242174],
    [63.469468, 8.183446],
    [60.92035, 8.115655],
    [55.231507, 8.615647],
    [45.166497, 12.183453],
  ],
  hard: [
    [61.471246, 11.573397],
    [26.069666, 10.104859],
    [44.32569, 7.523724],
    [80.170403, 9.516042],
    [35.94125, 9.916109],
  ],
  poor: [
    [8.055349, 8.267325],
    [11.856878, 7.397206],
    [10.737768, 7.802661],
    [8.228487, 11.184416],
    [10.703077, 7.984763],
  ],
} as const

/** Two impressions of a finger, another one's each time. */
function captureOf(random: ReturnType<typeof createRandomSource>, level: keyof typeof impressionLevels) {
  return () => {
    const finger = syntheticFinger(random)
    const impression = () => impressionOf(finger, impressionLevels[level], random)
    return [impression(), impression()] as const
  }
}

describe('matching fingerprints', () => {
  const random = createRandomSource(12)
  const finger = impressionOf(syntheticFinger(random), impressionLevels.good, random)

  it('gives a print the same score wherever it lies and however it is turned, but for the rounding to pixels', () => {
    const still = score(finger, finger)
    expect(score(finger, moved(finger, 0, 80, 90))).toBeCloseTo(still, 6)
    for (const degrees of [-170, -35, 10, 90]) {
      expect(score(finger, moved(finger, degrees, 60, 60)) / still).toBeGreaterThan(0.85)
    }
  })

  it('gives everything a print can have for the print itself', () => {
    const count = finger.length
    const withoutSupport =
      0.032 * count + 8.98 + 0.265 * count + 0.629 * count + 9.9 * (1 - 9 / 13) + 2.79 * (1 - 2.7 / 10)
    expect(score(finger, finger)).toBeGreaterThan(withoutSupport)
  })

  it.each(levels)('gives %s impressions the scores that the calibration was fitted to', (level) => {
    const expected = scoresOfCalibration[level]
    const capture = captureOf(createRandomSource(13 + levels.indexOf(level)), level)
    let stranger = capture()[0]
    for (const [genuine, impostor] of expected) {
      const [probe, enrolled] = capture()
      expect(score(probe, enrolled)).toBeCloseTo(genuine, 6)
      expect(score(probe, stranger)).toBeCloseTo(impostor, 6)
      stranger = probe
    }
  })

  it('finds nothing in a mirrored print, whose edges are all turned the other way', () => {
    const mirrored = finger.map((minutia) => ({
      ...minutia,
      x: 600 - minutia.x,
      direction: (3 * Math.PI - minutia.direction) % (2 * Math.PI),
    }))
    expect(score(finger, mirrored)).toBeLessThan(worthy(1e-3))
  })

  it('takes prints of none, one and two minutiae, and of 255 at one spot', () => {
    const [one, two] = finger
    if (one === undefined || two === undefined) throw new Error('the print has minutiae')
    expect(score([], finger)).toBe(0)
    expect(score([one], finger)).toBe(0)
    expect(score([one, two], [one, two])).toBeGreaterThan(0)
    const crowd = Array.from({ length: 255 }, (_, at) => ({ ...one, x: 300 + (at % 16), y: 300 + (at >> 4) }))
    expect(score(crowd, crowd)).toBeGreaterThan(0)
  })

  it.each([
    ['good', 0.01],
    ['medium', 0.02],
    ['hard', 0.04],
  ] as const)('errs on %s impressions as seldom as was measured with the same recipe', (level, most) => {
    const rate = equalErrorRate(trialOf(level))
    process.stdout.write(`fingerprint EER, ${level} impressions of ${PERSONS} fingers: ${(100 * rate).toFixed(2)}%\n`)
    expect(rate).toBeLessThanOrEqual(most)
  })

  it('errs often on poor impressions, as must be when three in ten minutiae are lost and as many made up', () => {
    const rate = equalErrorRate(trialOf('poor'))
    expect(rate).toBeGreaterThan(0.1)
    expect(rate).toBeLessThan(0.35)
  })

  it('accepts strangers no oftener than the nominal rate says', () => {
    const { impostors } = trialOf('medium')
    for (const rate of [1e-1, 1e-2, 1e-3]) {
      const threshold = nominalPrintCalibration.thresholdAt(rate)
      const accepted = impostors.filter((value) => worthOf(value) >= threshold).length
      expect(accepted).toBeLessThanOrEqual(rate * impostors.length + 3 * Math.sqrt(rate * impostors.length))
    }
  })
})

describe('the worth of a score', () => {
  it('is ten a power of ten, straight between the anchors', () => {
    expect([0, 8.48, 11.12, 14.15, 18.22, 22.39, 27.24, 32.01].map(worthOf)).toEqual([0, 0, 3, 10, 20, 30, 40, 50])
    expect(worthOf((14.15 + 18.22) / 2)).toBeCloseTo(15, 9)
    expect(worthOf(32.01 + 4.77)).toBeCloseTo(60, 9)
  })
})

/** The least score that is worth this false match rate. */
function worthy(rate: number): number {
  const threshold = nominalPrintCalibration.thresholdAt(rate)
  let value = 0
  while (worthOf(value) < threshold) value += 0.01
  return value
}
