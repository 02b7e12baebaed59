import { percent, qualityOf, type Quality } from '../quality.js'
import type { Minutia } from './minutiae.js'

const ENOUGH_MINUTIAE = 30 // two prints of one finger share about half: fewer leave too little to tell strangers by
const ENOUGH_AREA = 20_000 // square pixels at 500 dpi, some 50 mm2: a fingertip pressed flat shows twice that

/**
 * Quality of a print from its minutiae, 0 to 100, the least of two findings:
 *
 * - **Number**: 100 from 30 minutiae on.
 * - **Area**: that of the least upright rectangle around them, 100 from 20,000 square pixels on. Minutiae crowded together come from
 *   a fingertip that hardly touched, or from dirt.
 */
export function assessPrint(minutiae: readonly Minutia[]): Quality {
  return qualityOf([
    {
      score: percent(minutiae.length / ENOUGH_MINUTIAE),
      advice: 'too few minutiae: clean finger and sensor, press a little harder, and capture again',
    },
    {
      score: percent(areaOf(minutiae) / ENOUGH_AREA),
      advice: 'too small a part of the finger: lay it flat on the middle of the sensor, and capture again',
    },
  ])
}

function areaOf(minutiae: readonly Minutia[]): number {
  const extent = (values: number[]) => Math.max(...values) - Math.min(...values)
  return extent(minutiae.map(({ x }) => x)) * extent(minutiae.map(({ y }) => y))
}
