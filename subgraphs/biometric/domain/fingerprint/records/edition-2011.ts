import { requireImage, requirePosition } from './edition-2005.js'
import type { FingerView } from './finger-view.js'
import { RecordFault } from './record-fault.js'
import { readMinutiae, skipExtendedData } from './record-minutiae.js'
import type { RecordReader } from './record-reader.js'

export const HEADER_BYTES_2011 = 15
const MOST_REPRESENTATIONS = 176 // eleven positions, sixteen views of each
const DATE_BYTES = 9
const CERTIFICATE_BYTES = 3
const UNMEASURED_QUALITY = 255

/** The rest of a record of ISO/IEC 19794-2:2011, after its version (8.3 and 8.4). Throws RecordFault. */
export function readEdition2011(reader: RecordReader): FingerView[] {
  const length = reader.u32('record length')
  if (length !== reader.size) throw new RecordFault('record length', 'must be the number of bytes of the record')
  const count = reader.u16('number of representations')
  if (count === 0 || count > MOST_REPRESENTATIONS) {
    throw new RecordFault('number of representations', `must be 1 to ${MOST_REPRESENTATIONS}`)
  }
  const certified = reader.u8('device certification flag')
  if (certified > 1) throw new RecordFault('device certification flag', 'must be 0 or 1')
  const views = Array.from({ length: count }, () => readRepresentation(reader, certified === 1))
  reader.requireEnd('record length')
  return views
}

function readRepresentation(reader: RecordReader, certified: boolean): FingerView {
  const begin = reader.position
  const length = reader.u32('representation length')
  reader.skip(DATE_BYTES, 'capture date and time')
  reader.skip(5, 'capture device') // technology, vendor and type
  const quality = readQuality(reader)
  if (certified) reader.skip(reader.u8('number of certifications') * CERTIFICATE_BYTES, 'certification')
  const view = readView(reader, quality)
  if (reader.position - begin !== length) {
    throw new RecordFault('representation length', 'must be the number of bytes of the representation')
  }
  return view
}

/** The least of all findings: a sample is as good as its weakest evidence. */
function readQuality(reader: RecordReader): number | null {
  const count = reader.u8('number of quality blocks')
  const measured: number[] = []
  for (let block = 0; block < count; block += 1) {
    const score = reader.u8('quality')
    reader.skip(4, 'quality algorithm') // its vendor and id
    if (score === UNMEASURED_QUALITY) continue
    if (score > 100) throw new RecordFault('quality', 'must be 0 to 100, or 255')
    measured.push(score)
  }
  return measured.length === 0 ? null : Math.min(...measured)
}

function readView(reader: RecordReader, quality: number | null): FingerView {
  const position = requirePosition(reader.u8('finger position'))
  reader.skip(1, 'representation number')
  const resolution = { x: reader.u16('horizontal sampling rate'), y: reader.u16('vertical sampling rate') }
  reader.skip(1, 'impression type')
  const widthPx = reader.u16('image width')
  const heightPx = reader.u16('image height')
  const image = requireImage({ widthPx, heightPx, resolution })
  const layout = reader.u8('minutia field length and ridge ending type')
  const bytes = layout >>> 4
  if (bytes !== 5 && bytes !== 6) throw new RecordFault('minutia field length', 'must be 5 or 6')
  if ((layout & 0x0f) > 1) throw new RecordFault('ridge ending type', 'must be 0 or 1')
  const count = reader.u8('number of minutiae')
  const minutiae = readMinutiae(reader, { ...image, count, withQuality: bytes === 6 })
  skipExtendedData(reader)
  return { ...image, position, quality, minutiae }
}
