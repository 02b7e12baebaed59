/** One of a bounded number of places. To be left once, by whoever took it. */
export interface Place {
  /** Whether others wait for one. */
  readonly isWanted: boolean
  /** It is not needed just now: `giveUp` is called at once or later where others wait, and is to leave it. Until `wake`. */
  rest(giveUp: () => void): void
  wake(): void
  /** Further calls do nothing. */
  leave(): void
}

/** So many may do something at a time; others wait for their turn, in the order in which they came. */
export class Places {
  #free: number
  readonly #waiting = new Set<(place: Place) => void>()
  /** Those who would give theirs up; who has rested longest is first. */
  readonly #resting = new Map<Place, () => void>()

  constructor(count: number) {
    this.#free = count
  }

  /** Rejects when the signal is aborted before there is one. */
  take(signal: AbortSignal): Promise<Place> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(onPlace)
        reject(new Error('Nobody waits any longer.'))
      }
      const onPlace = (place: Place) => {
        signal.removeEventListener('abort', onAbort)
        resolve(place)
      }
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(onPlace)
      this.#handOut()
    })
  }

  #handOut(): void {
    const [next] = this.#waiting
    if (next === undefined) return
    if (this.#free === 0) {
      const [giveUp] = this.#resting.values()
      giveUp?.()
      return
    }
    this.#free -= 1
    this.#waiting.delete(next)
    next(this.#placeOf())
  }

  #placeOf(): Place {
    const waiting = this.#waiting
    let isLeft = false
    const place: Place = {
      get isWanted() {
        return waiting.size > 0
      },
      rest: (giveUp) => {
        if (isLeft) return
        if (waiting.size > 0) giveUp()
        else this.#resting.set(place, giveUp)
      },
      wake: () => void this.#resting.delete(place),
      leave: () => {
        if (isLeft) return
        isLeft = true
        this.#resting.delete(place)
        this.#free += 1
        this.#handOut()
      },
    }
    return place
  }
}
