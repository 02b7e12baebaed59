/** Tells every fetch of an execution that nobody waits for it any longer: one listener on the signal, however many fetches. */
export interface Cancellation {
  readonly cancelled: boolean
  onCancel(listener: () => void): void
  offCancel(listener: () => void): void
  /** To be called when the execution is over: the signal may outlive it. */
  release(): void
}

export function followSignal(signal: AbortSignal): Cancellation {
  const listeners = new Set<() => void>()
  const onAbort = (): void => {
    for (const listener of [...listeners]) listener()
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    get cancelled() {
      return signal.aborted
    },
    onCancel: (listener) => void listeners.add(listener),
    offCancel: (listener) => void listeners.delete(listener),
    release: () => signal.removeEventListener('abort', onAbort),
  }
}

/**
 * The client's going away, told by whoever sees its connection close. The signal is made when it is asked for: most requests
 * end without anybody having listened to one, and it costs more than all the rest of this.
 */
export class Departure implements Cancellation {
  cancelled = false
  readonly #listeners: (() => void)[] = []
  #controller: AbortController | undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.cancelled) this.#controller.abort()
    return this.#controller.signal
  }

  leave(): void {
    this.cancelled = true
    for (const listener of [...this.#listeners]) listener()
    this.#controller?.abort()
  }

  onCancel(listener: () => void): void {
    this.#listeners.push(listener)
  }

  offCancel(listener: () => void): void {
    const place = this.#listeners.lastIndexOf(listener) // of a few: as many as there are fetches under way
    if (place >= 0) this.#listeners.splice(place, 1)
  }

  release(): void {
    this.#listeners.length = 0
  }
}

/** For what is done on nobody's behalf. */
export const neverCancelled: Cancellation = {
  cancelled: false,
  onCancel: () => undefined,
  offCancel: () => undefined,
  release: () => undefined,
}
