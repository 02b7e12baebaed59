import {
  EventsLostError,
  type BrokerMessage,
  type Bus,
  type FollowedEvent,
  type FollowFrom,
  type Reading,
} from '../../../platform/bus/bus.js'
import { AppError } from '../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../platform/errors/error-codes.js'
import type { EventSource } from '../../event-streams/event-stream-rule.js'
import type { EventFeed, FeedEvent, FeedReader } from './event-feed.js'

/**
 * The events of one subject of the broker; `isNewestEnough` as of the bus. Outages are waited out by readers of a log under way, and refused to new ones; what
 * is not kept ends with them. Where there is no broker, or it has no such source, only its fields are refused.
 */
export function createNatsFeed(
  bus: Bus | null,
  source: EventSource,
  subject: string,
  isNewestEnough = false,
): EventFeed {
  return {
    key: keyOf(source, subject, isNewestEnough),
    isLog: source !== 'CORE',
    async open(from, signal) {
      if (bus === null || signal.aborted) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
      const reader = await read(bus, { source, subject, isNewestEnough }, from).catch((error: unknown) => {
        throw refusal(error)
      })
      if (!signal.aborted) return reader
      await reader.close()
      throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    },
  }
}

interface Followed {
  readonly source: EventSource
  readonly subject: string
  readonly isNewestEnough: boolean
}

/** Who can do without what was replaced may be let in where others are not: they do not share. */
function keyOf(source: EventSource, subject: string, isNewestEnough: boolean): string {
  if (source === 'BUS') return `nats ${subject}`
  return source === 'STREAM' && isNewestEnough ? `nats STREAM newest ${subject}` : `nats ${source} ${subject}`
}

async function read(bus: Bus, { source, subject, isNewestEnough }: Followed, from: FollowFrom): Promise<FeedReader> {
  if (source === 'BUS') return readerOf(await bus.follow(subject, from), eventIn)
  if (bus.subjects === null) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
  if (source === 'STREAM') return readerOf(await bus.subjects.follow(subject, from, isNewestEnough), messageIn)
  return readerOf(await bus.subjects.listen(subject), messageIn, 'SUBSCRIPTION_LAGGING')
}

const eventIn = ({ sequence, envelope }: FollowedEvent): FeedEvent => ({ sequence, payload: envelope.data })
const messageIn = ({ sequence, payload }: BrokerMessage): FeedEvent => ({ sequence, payload })

/** `lost`: what is told when the source has let go of what was still to be read. */
function readerOf<Item>(
  reading: Reading<Item>,
  eventOf: (item: Item) => FeedEvent,
  lost: ErrorCode = 'CURSOR_EXPIRED',
): FeedReader {
  const { log, head, backlog, caughtUp } = reading
  const items = reading[Symbol.asyncIterator]()
  const iterator: AsyncIterator<FeedEvent, void, void> = {
    async next() {
      try {
        const next = await items.next()
        return next.done === true ? DONE : { done: false, value: eventOf(next.value) }
      } catch (error) {
        throw refusal(error, lost)
      }
    },
    async return() {
      await items.return?.()
      return DONE
    },
  }
  return { log, head, backlog, caughtUp, [Symbol.asyncIterator]: () => iterator, close: () => reading.close() }
}

const DONE = { done: true, value: undefined } as const

function refusal(cause: unknown, lost: ErrorCode = 'CURSOR_EXPIRED'): AppError {
  if (cause instanceof AppError) return cause
  return new AppError(cause instanceof EventsLostError ? lost : 'SUBSCRIPTION_SOURCE_UNAVAILABLE', { cause })
}
