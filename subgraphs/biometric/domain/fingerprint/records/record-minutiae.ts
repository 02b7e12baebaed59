import { minutiaTypes, type Minutia } from '../minutiae.js'
import { RecordFault } from './record-fault.js'
import type { RecordReader } from './record-reader.js'

/** Directions are counted in 256ths of a turn. */
export const ANGLE_STEPS = 256

const MOST_QUALITY = 100
const UNMEASURED_QUALITIES = [254, 255] // not reported, and failed

export interface MinutiaeTerms {
  readonly count: number
  readonly widthPx: number
  readonly heightPx: number
  /** Whether each is followed by a byte of its quality. */
  readonly withQuality: boolean
}

/** As many minutiae as a view says it has, each within its image. Throws RecordFault. */
export function readMinutiae(reader: RecordReader, terms: MinutiaeTerms): Minutia[] {
  return Array.from({ length: terms.count }, () => readMinutia(reader, terms))
}

function readMinutia(reader: RecordReader, { widthPx, heightPx, withQuality }: MinutiaeTerms): Minutia {
  const typeAndX = reader.u16('minutia type and x')
  const reservedAndY = reader.u16('minutia y')
  const angle = reader.u8('minutia angle')
  if (withQuality) requireQuality(reader.u8('minutia quality'))
  const type = minutiaTypes[typeAndX >>> 14]
  if (type === undefined) throw new RecordFault('minutia type', 'must be 0, 1 or 2')
  if (reservedAndY >>> 14 !== 0) throw new RecordFault('minutia y', 'must have zero in its reserved bits')
  const x = typeAndX & 0x3fff
  const y = reservedAndY & 0x3fff
  if (x >= widthPx || y >= heightPx) throw new RecordFault('minutia position', 'must lie within the image')
  return { x, y, direction: (angle / ANGLE_STEPS) * 2 * Math.PI, type }
}

function requireQuality(quality: number): void {
  if (quality <= MOST_QUALITY || UNMEASURED_QUALITIES.includes(quality)) return
  throw new RecordFault('minutia quality', 'must be 0 to 100, 254 or 255')
}

/** The extended data of a view: blocks of type, length and content that fill it to the byte. What is in them is passed over. */
export function skipExtendedData(reader: RecordReader): void {
  const length = reader.u16('extended data block length')
  const end = reader.position + length
  while (reader.position < end) {
    reader.skip(2, 'extended data type')
    const block = reader.u16('extended data length')
    if (block < 4) throw new RecordFault('extended data length', 'must count its own four bytes')
    reader.skip(block - 4, 'extended data')
  }
  if (reader.position !== end) throw new RecordFault('extended data length', 'must fill the extended data to the byte')
}
