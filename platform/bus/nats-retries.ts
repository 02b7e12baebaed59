import { setTimeout as delay } from 'node:timers/promises'
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import type { Logger } from '../log/logger.js'
import { StreamGoneError } from './bus.js'

export interface Retries {
  succeed(): void
  /** Resolves when it is time for the next one, or at once when stopped. Throws StreamGoneError. */
  wait(error: unknown): Promise<void>
  stop(): void
}

const RETRY_MS = 250

/**
 * The time between the tries of a follower. A server that is away is waited for; a stream that is gone for `goneMs`, as a server
 * says that answers: longer than a cluster takes to find a leader for it, shorter than people wait.
 */
export function createRetries(logger: Logger, about: object, goneMs: number): Retries {
  const stopping = new AbortController()
  let goneSinceMs: number | null = null
  return {
    succeed: () => void (goneSinceMs = null),
    async wait(error) {
      logger.debug({ err: error, ...about }, 'a follower asks again')
      const isGone = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound
      if (!isGone) goneSinceMs = null
      else if (goneSinceMs === null) {
        goneSinceMs = performance.now()
        logger.warn(about, 'a stream that is followed is gone: unless it is made anew its followers end')
      } else if (performance.now() - goneSinceMs >= goneMs) throw new StreamGoneError({ cause: error })
      await delay(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    },
    stop: () => stopping.abort(),
  }
}
