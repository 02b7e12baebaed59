import { setTimeout as delay } from 'node:timers/promises'
import { EventsLostError, type Bus, type FollowedEvent, type Follower } from '../../../platform/bus/bus.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { SessionRegistry } from './session-registry.js'

/** Where ends of sessions are told, as configuration names it. */
export interface SessionEndSource {
  /** Of the bus, without wildcards meant for anything else: every event on it is the end of a session. */
  readonly subject: string
  /** The field of the event's payload that holds the session. */
  readonly field: string
}

export interface FollowSessionEndsOptions {
  readonly bus: Pick<Bus, 'follow'>
  readonly source: SessionEndSource
  readonly registry: Pick<SessionRegistry, 'end'>
  readonly logger: Logger
  readonly retryMs?: number
}

const RETRY_MS = 1_000

/**
 * Tells the registry of every session that ends, as long as it is not closed. It follows and never consumes, so that each
 * gateway hears of all of them. It reads from the log's beginning, again too when the bus could not go on where it was: an
 * end told twice is harmless, and what was told while nobody listened is caught up with.
 */
export function followSessionEnds(options: FollowSessionEndsOptions): { close(): Promise<void> } {
  const { bus, source, registry, logger, retryMs = RETRY_MS } = options
  const closing = new AbortController()
  let follower: Follower | undefined

  const readAll = async (): Promise<void> => {
    follower = await bus.follow(source.subject, 'all')
    if (closing.signal.aborted) return follower.close()
    for await (const event of follower) {
      const session = sessionOf(event, source.field)
      if (session !== null) registry.end(session, ageMs(event))
      else logger.warn({ sequence: event.sequence, field: source.field }, 'an end of a session names no session')
    }
  }
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await readAll().catch((error: unknown) => {
        if (closing.signal.aborted || error instanceof EventsLostError) return
        logger.warn({ err: error }, 'ends of sessions are not heard of just now')
      })
      await delay(retryMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async close() {
      closing.abort()
      await follower?.close()
      await running
    },
  }
}

function sessionOf({ envelope: { data } }: FollowedEvent, field: string): string | null {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, field)) return null
  const value: unknown = Reflect.get(data, field)
  return typeof value === 'string' && value !== '' ? value : null
}

function ageMs({ envelope }: FollowedEvent): number {
  return Math.max(0, Date.now() - Date.parse(envelope.occurredAt))
}
