/**
 * Finger minutiae records, as sensors and archives exchange them: ISO/IEC 19794-2 of 2005 and of 2011. In: bytes. Out: the
 * views in them, and bytes again. It refuses any record whose lengths, counts or codes do not agree with each other or with the
 * bytes that came, with the field that is at fault, and repeats nothing of what is in it.
 */
import type { FingerView } from './finger-view.js'
import { RecordReader } from './record-reader.js'
import { RecordFault } from './record-fault.js'
import { readEdition2005 } from './edition-2005.js'
import { readEdition2011 } from './edition-2011.js'

const MAGIC = 0x464d5200 // 'FMR' and a zero
const EDITION_2005 = 0x20323000 // ' 20' and a zero
const EDITION_2011 = 0x30333000 // '030' and a zero

/** The views of a record of either edition. Throws RecordFault. */
export function readFingerRecord(bytes: Uint8Array): FingerView[] {
  const reader = new RecordReader(bytes)
  if (reader.u32('format identifier') !== MAGIC) throw new RecordFault('format identifier', 'must be FMR')
  const edition = reader.u32('version number')
  if (edition === EDITION_2005) return readEdition2005(reader)
  if (edition === EDITION_2011) return readEdition2011(reader)
  throw new RecordFault('version number', 'must be that of ISO/IEC 19794-2:2005 or :2011')
}
