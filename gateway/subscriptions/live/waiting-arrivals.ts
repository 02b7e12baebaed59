import type { ArrivalsHost } from './arrivals-host.js'
import type { ReceivedEvent } from './shared-feed.js'

/** An event that is to be answered. */
export interface Arrival {
  readonly event: ReceivedEvent
  /** Which of a LATEST field's; empty otherwise. */
  readonly key: string
  /** Its number among those that were let through. */
  readonly ordinal: number
}

const MAXIMUM_KEYS = 1_024

/** Of a field of the newest, what waits for its turn: the newest of each key. What gives way is told of. */
export class WaitingArrivals {
  readonly #byKey = new Map<string, Arrival>()
  readonly #host: Pick<ArrivalsHost, 'onLeftOut'>

  constructor(host: Pick<ArrivalsHost, 'onLeftOut'>) {
    this.#host = host
  }

  put(arrival: Arrival): void {
    const earlier = this.#byKey.get(arrival.key)
    const [oldest] = this.#byKey.size < MAXIMUM_KEYS ? [] : this.#byKey.values()
    const gives = earlier ?? oldest
    if (gives !== undefined) {
      this.#byKey.delete(gives.key)
      this.#host.onLeftOut(gives.event.sequence)
    }
    this.#byKey.set(arrival.key, arrival)
  }

  takeOldest(): Arrival | undefined {
    const [oldest] = this.#byKey.values()
    if (oldest !== undefined) this.#byKey.delete(oldest.key)
    return oldest
  }
}
