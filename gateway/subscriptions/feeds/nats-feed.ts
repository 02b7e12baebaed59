import { EventsLostError, type Bus, type FollowedEvent, type Follower } from '../../../platform/bus/bus.js'
import { AppError } from '../../../platform/errors/app-error.js'
import type { EventFeed, FeedEvent, FeedReader } from './event-feed.js'

/**
 * The events of one subject of the bus. Outages of the broker are waited out by readers under way, and refused to new ones;
 * without a bus everybody is refused.
 */
export function createNatsFeed(bus: Bus | null, subject: string): EventFeed {
  return {
    key: `nats ${subject}`,
    isLog: true,
    async open(from, signal) {
      if (bus === null || signal.aborted) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
      const follower = await bus.follow(subject, from).catch((error: unknown) => {
        throw refusal(error)
      })
      if (!signal.aborted) return readerOf(follower)
      await follower.close()
      throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    },
  }
}

function readerOf(follower: Follower): FeedReader {
  const { log, head, backlog } = follower
  const events = follower[Symbol.asyncIterator]()
  const iterator: AsyncIterator<FeedEvent, void, void> = {
    next: () => events.next().then(feedEvent, refuse),
    async return() {
      await events.return?.()
      return DONE
    },
  }
  return { log, head, backlog, [Symbol.asyncIterator]: () => iterator, close: () => follower.close() }
}

const DONE = { done: true, value: undefined } as const

function feedEvent(result: IteratorResult<FollowedEvent, unknown>): IteratorResult<FeedEvent, void> {
  if (result.done === true) return DONE
  const { sequence, envelope } = result.value
  return { done: false, value: { sequence, payload: envelope.data } }
}

function refuse(error: unknown): never {
  throw refusal(error)
}

function refusal(cause: unknown): AppError {
  const code = cause instanceof EventsLostError ? 'CURSOR_EXPIRED' : 'SUBSCRIPTION_SOURCE_UNAVAILABLE'
  return new AppError(code, { cause })
}
