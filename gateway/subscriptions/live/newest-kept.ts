/** How much is kept of what came last. What is older or more is let go, but never below `minCount`. */
export interface KeptLimits {
  readonly maxCount: number
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly minCount: number
}

export interface KeptItem {
  /** Strictly increasing. */
  readonly sequence: number
  /** About how much memory it takes. */
  readonly bytes: number
  /** On the clock of `performance.now()`. */
  readonly receivedAt: number
}

/** The newest of a series: whoever was at a position it still covers can be given everything after it. */
export class NewestKept<Item extends KeptItem> {
  /** Everything after this position is here. */
  coversFrom: number
  readonly #limits: KeptLimits
  #items: Item[] = []
  #first = 0
  #bytes = 0

  constructor(start: number, limits: KeptLimits) {
    this.coversFrom = start
    this.#limits = limits
  }

  push(item: Item): void {
    this.#items.push(item)
    this.#bytes += item.bytes
    const { maxCount, maxBytes, maxAgeMs, minCount } = this.#limits
    for (let oldest = this.#items[this.#first]; oldest !== undefined; oldest = this.#items[this.#first]) {
      const count = this.#items.length - this.#first
      const isExcess = count > maxCount || this.#bytes > maxBytes || item.receivedAt - oldest.receivedAt > maxAgeMs
      if (!isExcess || count <= minCount) break
      this.#first += 1
      this.#bytes -= oldest.bytes
      this.coversFrom = oldest.sequence
    }
    if (this.#first > 32 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
  }

  /** The first after a position, of those that are here. */
  firstAfter(position: number): Item | undefined {
    return this.#items[this.#indexAfter(position)]
  }

  /** How many there are after a position. */
  countAfter(position: number): number {
    return this.#items.length - this.#indexAfter(position)
  }

  /** At most `limit` of those after a position, in order. */
  after(position: number, limit: number): readonly Item[] {
    const index = this.#indexAfter(position)
    return this.#items.slice(index, index + limit)
  }

  #indexAfter(position: number): number {
    let low = this.#first
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const item = this.#items[middle]
      if (item !== undefined && item.sequence <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
