/** How the rows of a gallery lie in its blocks. Rows are written by one thread and read by all. */
export interface RowFormat {
  readonly rowsOfBlock: number
  /** Bytes a row takes, its record's id included. */
  readonly rowBytes: number
  /** Makes a wiped block one of rows that no scan keeps. */
  prepare(buffer: ArrayBufferLike, block: number): void
  /** Where the 16 bytes of the id of a row's record begin. */
  recordAt(place: number): number
  write(buffer: ArrayBufferLike, place: number, template: Uint8Array): void
  /** From then on no scan keeps the row, and nothing of it is left. */
  wipe(buffer: ArrayBufferLike, place: number): void
  /** A copy of the template of a row, as it was written. */
  read(buffer: ArrayBufferLike, place: number): Uint8Array
}

/** Bytes of a record's id. */
export const ID_BYTES = 16
