import type { FingerView } from './finger-view.js'
import { RecordFault } from './record-fault.js'
import { readMinutiae, skipExtendedData } from './record-minutiae.js'
import type { RecordReader } from './record-reader.js'

export const HEADER_BYTES_2005 = 24
const LAST_POSITION = 10
const LEAST_RESOLUTION = 99 // 250 dpi: coarser images show no minutiae
const MOST_SIZE = 0x3fff // coordinates have 14 bits

/** The rest of a record of ISO/IEC 19794-2:2005, after its version (7.3 and 7.4). Throws RecordFault. */
export function readEdition2005(reader: RecordReader): FingerView[] {
  const length = reader.u32('record length')
  // ANSI 378-2004 has the same magic and puts a length of two bytes here, which its product identifier then follows
  if (length !== reader.size) throw new RecordFault('record length', 'must be the number of bytes of the record')
  if ((reader.u16('capture equipment') & 0x7000) !== 0) {
    throw new RecordFault('capture equipment', 'must have zero in its reserved bits')
  }
  const image = readImage(reader)
  const views = reader.u8('number of views')
  if (views === 0) throw new RecordFault('number of views', 'must be at least 1')
  if (reader.u8('reserved byte') !== 0) throw new RecordFault('reserved byte', 'must be zero')
  const read = Array.from({ length: views }, () => readView(reader, image))
  reader.requireEnd('record length')
  return read
}

export type RecordImage = Pick<FingerView, 'widthPx' | 'heightPx' | 'resolution'>

/** Size and resolution, in the order in which both editions have them or can be asked for them. */
function readImage(reader: RecordReader): RecordImage {
  const widthPx = reader.u16('image width')
  const heightPx = reader.u16('image height')
  const resolution = { x: reader.u16('horizontal resolution'), y: reader.u16('vertical resolution') }
  return requireImage({ widthPx, heightPx, resolution })
}

/** Throws RecordFault for an image no finger can be seen on. */
export function requireImage(image: RecordImage): RecordImage {
  const { widthPx, heightPx, resolution } = image
  if (widthPx === 0 || heightPx === 0 || widthPx > MOST_SIZE || heightPx > MOST_SIZE) {
    throw new RecordFault('image size', `must be 1 to ${MOST_SIZE} pixels each way`)
  }
  if (resolution.x < LEAST_RESOLUTION || resolution.y < LEAST_RESOLUTION) {
    throw new RecordFault('resolution', `must be at least ${LEAST_RESOLUTION} pixels a centimetre each way`)
  }
  return image
}

function readView(reader: RecordReader, image: RecordImage): FingerView {
  const position = requirePosition(reader.u8('finger position'))
  reader.skip(1, 'view number and impression type')
  const quality = reader.u8('finger quality')
  if (quality > 100) throw new RecordFault('finger quality', 'must be 0 to 100')
  const count = reader.u8('number of minutiae')
  const minutiae = readMinutiae(reader, { ...image, count, withQuality: true })
  skipExtendedData(reader)
  return { ...image, position, quality, minutiae }
}

export function requirePosition(position: number): number {
  if (position > LAST_POSITION) throw new RecordFault('finger position', `must be 0 to ${LAST_POSITION}`)
  return position
}
