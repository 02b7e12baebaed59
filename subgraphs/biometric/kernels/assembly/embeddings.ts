/**
 * Embeddings. The first look is at eight bits a component, a quarter of what has to come from memory; what may be among the
 * best by that is looked at again in float32. Rows have a multiple of 16 components.
 */
import { keep, leastWanted } from './best'

/**
 * Keeps the rows of a block that may have the greatest cosines with a query. A key is a bound from above: the product of the
 * rounded vectors, and what rounding can have taken from it (`slackFactor` times the row's slack, and `slack`). A row with a slack
 * of minus infinity is passed over.
 */
export function scanEmbeddings(
  codes: usize, // int8, row after row
  scales: usize, // float32 a row: what a step of its codes is worth
  slacks: usize, // float32 a row
  rows: i32,
  components: i32,
  query: usize, // int16
  queryScale: f32,
  slackFactor: f32,
  slack: f32,
  firstPlace: i32,
  heap: usize,
  size: i32,
  capacity: i32,
  floor: f32,
): i32 {
  let kept = size
  let wanted = leastWanted(heap, kept, capacity, floor)
  let row = codes
  for (let index = 0; index < rows; index += 1, row += <usize>components) {
    const at = (<usize>index) << 2
    const product = <f32>productOf(row, query, <usize>components)
    const key = queryScale * load<f32>(scales + at) * product + slackFactor * load<f32>(slacks + at) + slack
    if (key <= wanted) continue
    kept = keep(heap, kept, capacity, key, firstPlace + index)
    wanted = leastWanted(heap, kept, capacity, floor)
  }
  return kept
}

/** Four sums side by side, since each addition waits for the one before it. */
function productOf(codes: usize, query: usize, components: usize): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  let at: usize = 0
  for (const whole = components & ~(<usize>31); at < whole; at += 32) {
    const other = query + (at << 1)
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes + at), v128.load(other)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes + at, 8), v128.load(other, 16)))
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes + at, 16), v128.load(other, 32)))
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes + at, 24), v128.load(other, 48)))
  }
  for (; at < components; at += 16) {
    const other = query + (at << 1)
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes + at), v128.load(other)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes + at, 8), v128.load(other, 16)))
  }
  const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d))
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  )
}

/**
 * Replaces the keys of what a scan kept by products in float32. A place is a block's number, shifted by `rowBits`, and the row within
 * it; a block's vectors begin `vectors` bytes after its begin.
 */
export function rerankEmbeddings(
  heap: usize,
  size: i32,
  components: i32,
  query: usize, // float32
  blockBytes: usize,
  vectors: usize,
  rowBits: i32,
): void {
  for (let index = 0; index < size; index += 1) {
    const entry = heap + ((<usize>index) << 3)
    const place = load<u32>(entry, 4)
    const block = <usize>(place >> rowBits)
    const row = <usize>(place & ((1 << rowBits) - 1))
    const vector = block * blockBytes + vectors + ((row * <usize>components) << 2)
    store<f32>(entry, cosineOf(vector, query, (<usize>components) << 2))
  }
}

function cosineOf(left: usize, right: usize, bytes: usize): f32 {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  for (let at: usize = 0; at < bytes; at += 32) {
    a = f32x4.add(a, f32x4.mul(v128.load(left + at), v128.load(right + at)))
    b = f32x4.add(b, f32x4.mul(v128.load(left + at, 16), v128.load(right + at, 16)))
  }
  const sum = f32x4.add(a, b)
  return (
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)
  )
}
