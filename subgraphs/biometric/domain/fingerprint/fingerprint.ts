import { requireOneField, sampleFault, type CapturedSample, type Modality, type SampleField } from '../modality.js'
import { compareMinutiae } from './compare-minutiae.js'
import { decodeMinutiae, encodeMinutiae, minutiaeFault, type Minutia } from './minutiae.js'
import { nominalPrintCalibration } from './print-calibration.js'
import { assessPrint } from './print-quality.js'
import { readFingerRecord } from './records/finger-record.js'
import { minutiaeAt500Dpi } from './records/finger-view.js'
import { RecordFault } from './records/record-fault.js'

/** The share of minutiae that are in both, to the pixel and the angle step, from which on a probe is a copy. */
const COPY_SHARE = 0.5 // captures of one finger lie elsewhere on the sensor: hardly one is at the same pixel

/** Fingerprints as minutiae, compared by their edges; the score is ten for each power of ten against strangers. */
export const fingerprint: Modality = {
  type: 'FINGERPRINT',
  algorithm: 'minutiae-edges-v1',
  calibration: nominalPrintCalibration,
  prepare(sample) {
    const field = requireOneField(sample, 'FINGERPRINT', ['minutiae', 'fingerRecord'])
    const minutiae = minutiaeOf(sample, field)
    const fault = minutiaeFault(minutiae)
    if (fault !== null) throw sampleFault(field, fault)
    return { template: encodeMinutiae(minutiae), quality: assessPrint(minutiae), field: `input.${field}` }
  },
  compare: async (enrolled, probe) => compareMinutiae(enrolled, probe),
  isCopy(enrolled, probe) {
    const places = new Set(decodeMinutiae(enrolled).map(placeOf))
    const minutiae = decodeMinutiae(probe)
    return minutiae.filter((minutia) => places.has(placeOf(minutia))).length >= COPY_SHARE * minutiae.length
  },
  directionOf: () => null, // no vector of minutiae stays where it is when the finger moves
}

function minutiaeOf({ minutiae, fingerRecord }: CapturedSample, field: SampleField): readonly Minutia[] {
  if (fingerRecord === undefined) return minutiae ?? []
  try {
    const [view, ...others] = readFingerRecord(fingerRecord)
    if (view === undefined || others.length > 0)
      throw sampleFault(field, 'must have one view: send one finger at a time')
    return minutiaeAt500Dpi(view)
  } catch (error) {
    if (error instanceof RecordFault) {
      throw sampleFault(field, `is no record of ISO/IEC 19794-2: its ${error.field} ${error.reason}`)
    }
    throw error
  }
}

function placeOf({ x, y, direction, type }: Minutia): string {
  return `${x},${y},${direction.toFixed(4)},${type}`
}
