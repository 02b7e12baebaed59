/** Where a row is: the number of its block, and its own within it. */
export const ROW_BITS = 12

export const MOST_ROWS_OF_BLOCK = 2 ** ROW_BITS

export function placeOf(block: number, row: number): number {
  return (block << ROW_BITS) | row
}

export function blockOf(place: number): number {
  return place >>> ROW_BITS
}

export function rowOf(place: number): number {
  return place & (MOST_ROWS_OF_BLOCK - 1)
}
