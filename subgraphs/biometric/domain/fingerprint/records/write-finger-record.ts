import { minutiaTypes } from '../minutiae.js'
import { HEADER_BYTES_2005 } from './edition-2005.js'
import { HEADER_BYTES_2011 } from './edition-2011.js'
import type { FingerView } from './finger-view.js'
import { ANGLE_STEPS } from './record-minutiae.js'

const FULL_TURN = 2 * Math.PI
const UNMEASURED = 255
const NOT_REPORTED = 254

/**
 * A view as a record of ISO/IEC 19794-2:2005, which `readFingerRecord` reads back but for directions, kept to 256ths of a turn.
 * The 2005 edition can't say that a quality was not measured: it becomes 0.
 */
export function writeEdition2005(view: FingerView): Uint8Array<ArrayBuffer> {
  const length = HEADER_BYTES_2005 + 4 + 6 * view.minutiae.length + 2
  const record = new DataView(new ArrayBuffer(length))
  record.setUint32(0, 0x464d5200)
  record.setUint32(4, 0x20323000)
  record.setUint32(8, length)
  record.setUint16(14, view.widthPx)
  record.setUint16(16, view.heightPx)
  record.setUint16(18, view.resolution.x)
  record.setUint16(20, view.resolution.y)
  record.setUint8(22, 1)
  record.setUint8(24, view.position)
  record.setUint8(26, view.quality ?? 0)
  record.setUint8(27, view.minutiae.length)
  writeMinutiae(record, HEADER_BYTES_2005 + 4, view)
  return new Uint8Array(record.buffer)
}

/** A view as a record of ISO/IEC 19794-2:2011, with no date, no device and no certification. */
export function writeEdition2011(view: FingerView): Uint8Array<ArrayBuffer> {
  const qualityBytes = view.quality === null ? 0 : 5
  const representation = 4 + 9 + 5 + 1 + qualityBytes + 13 + 6 * view.minutiae.length + 2
  const record = new DataView(new ArrayBuffer(HEADER_BYTES_2011 + representation))
  record.setUint32(0, 0x464d5200)
  record.setUint32(4, 0x30333000)
  record.setUint32(8, record.byteLength)
  record.setUint16(12, 1)
  record.setUint32(15, representation)
  for (let byte = 0; byte < 9; byte += 1) record.setUint8(19 + byte, UNMEASURED)
  let at = 34
  if (view.quality !== null) {
    record.setUint8(33, 1)
    record.setUint8(34, view.quality)
    at += qualityBytes
  }
  record.setUint8(at, view.position)
  record.setUint16(at + 2, view.resolution.x)
  record.setUint16(at + 4, view.resolution.y)
  record.setUint16(at + 7, view.widthPx)
  record.setUint16(at + 9, view.heightPx)
  record.setUint8(at + 11, 6 << 4)
  record.setUint8(at + 12, view.minutiae.length)
  writeMinutiae(record, at + 13, view)
  return new Uint8Array(record.buffer)
}

function writeMinutiae(record: DataView, begin: number, { minutiae }: FingerView): void {
  minutiae.forEach(({ x, y, direction, type }, index) => {
    const at = begin + 6 * index
    record.setUint16(at, (minutiaTypes.indexOf(type) << 14) | x)
    record.setUint16(at + 2, y)
    record.setUint8(at + 4, Math.round((direction / FULL_TURN) * ANGLE_STEPS) % ANGLE_STEPS)
    record.setUint8(at + 5, NOT_REPORTED)
  })
}
