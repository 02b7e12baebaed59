/**
 * Iris codes. A row is a code and its mask, 256 bytes each. Counting bits is the whole work, and the processor has an
 * instruction for 64 of them.
 */
import { keep, leastWanted } from './best'

const HALF: usize = 256

/**
 * Keeps the irises most like a probe that is written once for every position it may be turned to. A key is 1 less the least
 * distance of all positions, which is normalised after Daugman; see `hammingDistance` of domain/iris, the same in JavaScript.
 */
export function scanIrises(
  codes: usize,
  rows: i32,
  probes: usize,
  positions: i32,
  minimumBits: i32,
  referenceBits: f64,
  firstPlace: i32,
  heap: usize,
  size: i32,
  capacity: i32,
  floor: f32,
): i32 {
  let kept = size
  let wanted = leastWanted(heap, kept, capacity, floor)
  for (let index = 0; index < rows; index += 1) {
    const row = codes + <usize>index * 2 * HALF
    const key = <f32>(1 - distance(row, probes, positions, minimumBits, referenceBits))
    if (key <= wanted) continue
    kept = keep(heap, kept, capacity, key, firstPlace + index)
    wanted = leastWanted(heap, kept, capacity, floor)
  }
  return kept
}

/**
 * The best position is found without a root or a division: (n - 2d) / sqrt(n) is compared by its square, in whole numbers
 * (below 2^33), and the distance computed for the best one alone.
 */
function distance(row: usize, probes: usize, positions: i32, minimumBits: i32, referenceBits: f64): f64 {
  let bestExcess: i64 = 0 // n - 2d
  let bestCommon: i64 = 1
  for (let position = 0; position < positions; position += 1) {
    const counts = countsAt(row, probes + <usize>position * 2 * HALF)
    const common = counts >> 32
    const excess = common - 2 * (counts & 0xffff)
    if (excess <= 0 || common < minimumBits) continue
    if (excess * excess * bestCommon <= bestExcess * bestExcess * common) continue
    bestExcess = excess
    bestCommon = common
  }
  if (bestExcess === 0) return 0.5
  const n = <f64>bestCommon
  const d = <f64>((bestCommon - bestExcess) >> 1)
  return 0.5 - (0.5 - d / n) * sqrt(n / referenceBits)
}

/** How many bits count in both, times 2^32, and how many of them differ. */
function countsAt(row: usize, probe: usize): i64 {
  let differing: i64 = 0
  let common: i64 = 0
  for (let at: usize = 0; at < HALF; at += 32) {
    const left = row + at
    const right = probe + at
    const m0 = load<u64>(left, HALF) & load<u64>(right, HALF)
    const m1 = load<u64>(left, HALF + 8) & load<u64>(right, HALF + 8)
    const m2 = load<u64>(left, HALF + 16) & load<u64>(right, HALF + 16)
    const m3 = load<u64>(left, HALF + 24) & load<u64>(right, HALF + 24)
    common += popcnt(m0) + popcnt(m1) + popcnt(m2) + popcnt(m3)
    differing +=
      popcnt((load<u64>(left) ^ load<u64>(right)) & m0) +
      popcnt((load<u64>(left, 8) ^ load<u64>(right, 8)) & m1) +
      popcnt((load<u64>(left, 16) ^ load<u64>(right, 16)) & m2) +
      popcnt((load<u64>(left, 24) ^ load<u64>(right, 24)) & m3)
  }
  return (common << 32) | differing
}
