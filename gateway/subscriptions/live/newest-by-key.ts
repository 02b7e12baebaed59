import type { KeptItem } from './newest-kept.js'

export interface KeyedItem extends KeptItem {
  readonly key: string
}

/** Of a series the newest item a key, in the order in which they came. A key that has been quiet longest goes when there are too many. */
export class NewestByKey<Item extends KeyedItem> {
  /** Everything after this position is here. */
  coversFrom: number
  readonly #maxKeys: number
  readonly #items = new Map<string, Item>()

  constructor(start: number, maxKeys: number) {
    this.coversFrom = start
    this.#maxKeys = maxKeys
  }

  push(item: Item): void {
    const replaced = this.#items.get(item.key) ?? (this.#items.size < this.#maxKeys ? undefined : this.#oldest())
    if (replaced !== undefined) {
      this.#items.delete(replaced.key)
      this.coversFrom = Math.max(this.coversFrom, replaced.sequence)
    }
    this.#items.set(item.key, item)
  }

  /** At most `limit` of those after a position, in order. */
  after(position: number, limit: number): readonly Item[] {
    const found: Item[] = []
    for (const item of this.#items.values()) {
      if (item.sequence <= position) continue
      if (found.length >= limit) break
      found.push(item)
    }
    return found
  }

  #oldest(): Item | undefined {
    return this.#items.values().next().value
  }
}
