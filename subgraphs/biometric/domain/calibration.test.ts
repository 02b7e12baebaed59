import { describe, expect, it } from '@jest/globals'
import { createTheoreticalCalibration, isotropicFalseMatchRate } from './calibration.js'

describe('the theoretical calibration of cosine scores', () => {
  const rates = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
  const table = [
    { dimension: 128, thresholds: [0.2046, 0.2696, 0.3218, 0.366, 0.4044] },
    { dimension: 192, thresholds: [0.1674, 0.2211, 0.2646, 0.3018, 0.3344] },
    { dimension: 512, thresholds: [0.1027, 0.1361, 0.1635, 0.1871, 0.2081] },
  ]

  it.each(table)('gives the known thresholds of $dimension dimensions', ({ dimension, thresholds }) => {
    const calibration = createTheoreticalCalibration(dimension)
    expect(rates.map((rate) => Number(calibration.thresholdAt(rate).toFixed(4)))).toEqual(thresholds)
  })

  it('is the inverse of the tail it comes from', () => {
    const calibration = createTheoreticalCalibration(512)
    for (const rate of rates) {
      expect(isotropicFalseMatchRate(calibration.thresholdAt(rate), 512) / rate).toBeCloseTo(1, 9)
    }
  })

  it('says in its version that it is theory', () => {
    expect(createTheoreticalCalibration(512).version).toBe('theory-isotropic-d512-v1')
  })

  it.each([0, 0.5, 1, -1e-4, Number.NaN])('refuses a false match rate of %p', (rate) => {
    expect(() => createTheoreticalCalibration(512).thresholdAt(rate)).toThrow(RangeError)
  })
})
