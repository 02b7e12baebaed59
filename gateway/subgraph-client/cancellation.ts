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

/** For what is done on nobody's behalf. */
export const neverCancelled: Cancellation = {
  cancelled: false,
  onCancel: () => undefined,
  offCancel: () => undefined,
  release: () => undefined,
}
