import { isAboutToken, retryHintOf, type Closure } from './how-it-ended.js'
import { StreamLostError } from './stream-lost-error.js'

export interface LossTiming {
  /** The longest wait after a loss: the first is a tenth of a second, and each is twice the one before, by chance. */
  readonly longestWaitMs: number
  /** After so long without any connection streams end with CONNECTION_LOST. */
  readonly tryForMs: number
}

/** How often in a row no connection stood, and the pause that follows from it, one for all streams. */
export interface ConnectionLosses {
  add(closure: Closure | null): void
  /** A connection stands. */
  forget(): void
  /** Resolves when the next connection may be tried. Throws StreamLostError where it should not be. */
  pause(): Promise<void>
  /** No connection is ever to be tried again. */
  close(): void
}

const FIRST_WAIT_MS = 100

export function createConnectionLosses({ longestWaitMs, tryForMs }: LossTiming): ConnectionLosses {
  let count = 0
  let since: number | null = null
  let tokenRefusals = 0
  let isClosed = false
  let pause: Promise<void> = Promise.resolve()
  const forget = () => {
    count = 0
    since = null
    tokenRefusals = 0
  }
  const giveUp = (code: string, message: string) => {
    pause = Promise.reject(new StreamLostError(code, message))
    pause.catch(() => undefined) // perhaps no stream is there to hear it
    forget()
    setTimeout(() => (pause = Promise.resolve())) // a stream that begins later tries anew
  }
  return {
    forget,
    close: () => void (isClosed = true),
    add(closure) {
      since ??= performance.now()
      if (isAboutToken(closure)) tokenRefusals += 1
      if (tokenRefusals > 1) return giveUp(closure?.reason ?? '', 'The gateway does not accept the access token.')
      if (performance.now() - since > tryForMs) return giveUp('CONNECTION_LOST', 'No gateway could be reached.')
      const longestMs = Math.min(FIRST_WAIT_MS * 2 ** count, longestWaitMs)
      count += 1
      const waitMs = retryHintOf(closure) ?? longestMs * (0.5 + Math.random() / 2)
      pause = new Promise((resolve) => setTimeout(resolve, waitMs))
    },
    async pause() {
      await pause
      if (isClosed) throw new StreamLostError('CONNECTION_LOST', 'The client was closed.')
    },
  }
}
