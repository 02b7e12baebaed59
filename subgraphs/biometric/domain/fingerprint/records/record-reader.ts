import { RecordFault } from './record-fault.js'

/** Numbers of a record one after the other, big-endian, none from beyond its end. */
export class RecordReader {
  private readonly view: DataView
  private offset = 0

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get size(): number {
    return this.view.byteLength
  }

  /** Bytes read so far. */
  get position(): number {
    return this.offset
  }

  u8(field: string): number {
    return this.view.getUint8(this.take(1, field))
  }

  u16(field: string): number {
    return this.view.getUint16(this.take(2, field))
  }

  u32(field: string): number {
    return this.view.getUint32(this.take(4, field))
  }

  skip(count: number, field: string): void {
    this.take(count, field)
  }

  /** Throws RecordFault unless everything has been read. */
  requireEnd(field: string): void {
    if (this.offset !== this.size) throw new RecordFault(field, 'must agree with the bytes of the record')
  }

  private take(count: number, field: string): number {
    const at = this.offset
    if (at + count > this.size) throw new RecordFault(field, 'is cut off: the record ends before it')
    this.offset = at + count
    return at
  }
}
