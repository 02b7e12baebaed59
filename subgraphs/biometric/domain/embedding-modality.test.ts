import { describe, expect, it } from '@jest/globals'
import { createFaceSource } from '../../../tests/support/synthetic-faces.js'
import { createTheoreticalCalibration } from './calibration.js'
import { FACE_DIMENSION, face } from './embedding-modality.js'

/** Known law: genuine cosines 0.665 +- 0.074, impostors Beta((d-1)/2, (d-1)/2) on (1 + cos) / 2. */
async function compareEverybody(persons: number) {
  const faces = createFaceSource(7)
  const template = (sample: number[]) => face.prepare({ embedding: sample }).template
  const people = Array.from({ length: persons }, () => {
    const person = faces.person()
    return { enrolled: template(person.sample()), probe: template(person.sample()) }
  })
  const genuine = await Promise.all(people.map(({ enrolled, probe }) => face.compare(enrolled, probe)))
  const impostors = await Promise.all(
    people.flatMap(({ enrolled }, index) => people.slice(0, index).map(({ probe }) => face.compare(enrolled, probe))),
  )
  return { genuine, impostors }
}

describe('comparing faces', () => {
  it('errs as often as theory says, over 44,850 pairs of strangers and 300 of one person', async () => {
    const { genuine, impostors } = await compareEverybody(300)
    const calibration = createTheoreticalCalibration(FACE_DIMENSION)
    for (const rate of [1e-2, 1e-3, 1e-4]) {
      const threshold = calibration.thresholdAt(rate)
      const accepted = impostors.filter((score) => score >= threshold).length
      const expected = rate * impostors.length
      expect(Math.abs(accepted - expected)).toBeLessThan(3 * Math.sqrt(expected))
      expect(genuine.filter((score) => score < threshold)).toEqual([])
    }
    const mean = genuine.reduce((sum, score) => sum + score, 0) / genuine.length
    const spread = Math.sqrt(genuine.reduce((sum, score) => sum + (score - mean) ** 2, 0) / genuine.length)
    expect(mean).toBeCloseTo(0.665, 1)
    expect(Math.abs(spread - 0.074)).toBeLessThan(0.01)
  })

  it('gives the same score at any length of the probe', async () => {
    const person = createFaceSource(8).person()
    const [enrolled, probe] = [person.sample(), person.sample()]
    const score = (scale: number) =>
      face.compare(
        face.prepare({ embedding: enrolled }).template,
        face.prepare({ embedding: probe.map((number) => number * scale) }).template,
      )
    expect(await score(40)).toBeCloseTo(await score(1), 9)
  })
})
