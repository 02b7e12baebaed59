/** What waits between a socket and the loop that reads it: in order, for one reader. */
export interface ResultBuffer<Item> {
  readonly isFull: boolean
  /** Never after `end` or `fail`. */
  push(item: Item): void
  /** The reader has what is left, then the end. */
  end(): void
  /** The reader has what is left, then the error, once. */
  fail(error: unknown): void
  /** What is left is thrown away: the reader has the end, or the error, at once. */
  cut(error?: unknown): void
  next(): Promise<IteratorResult<Item, undefined>>
  /** Resolves when at most half is left, or when it was cut. */
  room(): Promise<void>
}

interface Reader<Item> {
  resolve(result: IteratorResult<Item, undefined>): void
  reject(error: unknown): void
}

type End = { readonly error?: unknown; readonly failed: boolean }

/** A buffer of at most `size` items. It does not refuse more: whoever fills it looks at `isFull`. */
export function createResultBuffer<Item>(size: number): ResultBuffer<Item> {
  const items: Item[] = []
  const readers: Reader<Item>[] = []
  let waiting: (() => void)[] = []
  let end: End | null = null

  const tellEnd = (reader: Reader<Item>, { failed, error }: End) => {
    end = { failed: false } // an error is thrown once, as a generator does
    if (failed) reader.reject(error)
    else reader.resolve({ done: true, value: undefined })
  }
  const finish = (how: End) => {
    end ??= how
    for (const reader of readers.splice(0)) tellEnd(reader, end)
  }
  const tellRoom = () => {
    if (items.length > size / 2) return
    const told = waiting
    waiting = []
    for (const tell of told) tell()
  }

  return {
    get isFull() {
      return items.length >= size
    },
    push(item) {
      const reader = readers.shift()
      if (reader) reader.resolve({ done: false, value: item })
      else items.push(item)
    },
    end: () => finish({ failed: false }),
    fail: (error) => finish({ failed: true, error }),
    cut(error) {
      items.length = 0
      end = null
      finish({ failed: error !== undefined, error })
      tellRoom()
    },
    next() {
      return new Promise((resolve, reject) => {
        const [item] = items
        if (items.length > 0 && item !== undefined) {
          items.shift()
          resolve({ done: false, value: item })
          tellRoom()
        } else if (end) tellEnd({ resolve, reject }, end)
        else readers.push({ resolve, reject })
      })
    },
    room: () => new Promise((resolve) => (items.length <= size / 2 ? resolve() : waiting.push(resolve))),
  }
}
