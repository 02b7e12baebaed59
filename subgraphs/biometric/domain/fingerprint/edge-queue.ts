/** Entries by the least key first: a binary heap over numbers, emptied and used again without making anything. */
export interface EdgeQueue {
  add(key: number, entry: number): void
  /** The entry of the least key; -1 when there is none. */
  take(): number
  clear(): void
}

export function createEdgeQueue(): EdgeQueue {
  const keys: number[] = []
  const entries: number[] = []
  let size = 0

  function place(at: number, key: number, entry: number): void {
    keys[at] = key
    entries[at] = entry
  }

  function sink(key: number, entry: number): void {
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= size) break
      if (below + 1 < size && (keys[below + 1] ?? 0) < (keys[below] ?? 0)) below += 1
      if ((keys[below] ?? 0) >= key) break
      place(at, keys[below] ?? 0, entries[below] ?? 0)
      at = below
    }
    place(at, key, entry)
  }

  return {
    add(key, entry) {
      let at = size
      size += 1
      while (at > 0) {
        const above = (at - 1) >> 1
        if ((keys[above] ?? 0) <= key) break
        place(at, keys[above] ?? 0, entries[above] ?? 0)
        at = above
      }
      place(at, key, entry)
    },
    take() {
      if (size === 0) return -1
      const entry = entries[0] ?? -1
      size -= 1
      if (size > 0) sink(keys[size] ?? 0, entries[size] ?? 0)
      return entry
    },
    clear() {
      size = 0
    },
  }
}
