import { createPrintMatcher } from './match-prints.js'
import { decodeMinutiae } from './minutiae.js'
import { worthOf } from './print-calibration.js'
import { createPrint } from './print.js'

/**
 * The score of two templates of minutiae: ten for each power of ten by which strangers reach it less often. Less than a millisecond
 * for two prints as captures give them, and more the more minutiae there are. Throws RangeError for bytes that are none.
 */
export function compareMinutiae(enrolled: Uint8Array, probe: Uint8Array): number {
  return worthOf(createPrintMatcher(printOf(probe)).scoreAgainst(printOf(enrolled)))
}

function printOf(template: Uint8Array) {
  return createPrint(decodeMinutiae(template))
}
