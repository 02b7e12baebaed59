/**
 * The best of a scan, in memory: a heap with the least of them at its root, so that what is no better than the root is passed
 * over at once. An entry has eight bytes: a key (float32) and a place (int32).
 */
const ENTRY: usize = 8

function keyAt(heap: usize, index: i32): f32 {
  return load<f32>(heap + <usize>index * ENTRY)
}

function put(heap: usize, index: i32, entry: u64): void {
  store<u64>(heap + <usize>index * ENTRY, entry)
}

function entryAt(heap: usize, index: i32): u64 {
  return load<u64>(heap + <usize>index * ENTRY)
}

/** What a key has to exceed to be among the best: the least of them once there is no room left. */
export function leastWanted(heap: usize, size: i32, capacity: i32, floor: f32): f32 {
  return size < capacity ? floor : max(floor, keyAt(heap, 0))
}

/** Takes one in, in place of the least where there is no room. Gives how many there are now. */
export function keep(heap: usize, size: i32, capacity: i32, key: f32, place: i32): i32 {
  const entry = ((<u64>(<u32>place)) << 32) | (<u64>reinterpret<u32>(key))
  if (size < capacity) {
    rise(heap, size, key, entry)
    return size + 1
  }
  sink(heap, size, key, entry)
  return size
}

/** From the end towards the root, past whatever is greater. */
function rise(heap: usize, from: i32, key: f32, entry: u64): void {
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (keyAt(heap, parent) <= key) break
    put(heap, index, entryAt(heap, parent))
    index = parent
  }
  put(heap, index, entry)
}

/** From the root, whose entry is lost, past whatever is less. */
function sink(heap: usize, size: i32, key: f32, entry: u64): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= size) break
    if (child + 1 < size && keyAt(heap, child + 1) < keyAt(heap, child)) child += 1
    if (keyAt(heap, child) >= key) break
    put(heap, index, entryAt(heap, child))
    index = child
  }
  put(heap, index, entry)
}
