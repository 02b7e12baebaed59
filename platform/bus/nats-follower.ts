import { setTimeout as delay } from 'node:timers/promises'
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Logger } from '../log/logger.js'
import { EventsLostError, type FollowFrom, type Reading } from './bus.js'
import { createFollower } from './follower.js'
import type { NatsParts } from './nats-parts.js'

const READ_AHEAD = 128 // events buffered for a reader that is slower than the log
const PULL_MS = 30_000
const HEARTBEAT_MS = 5_000 // a request the server has lost is noticed after two of them
const UNUSED_MS = 120_000 // the server forgets the consumer of a process that died
const RETRY_MS = 250
const LONGEST_RETRY_MS = 10_000 // where the stream itself is gone: somebody has to make it anew

/** What is followed: a filter of subjects, as the server knows them, within one stream. */
export interface FollowedStream {
  readonly stream: string
  readonly filter: string
}

/** Opens a reading of one stream; what can't be decoded is passed over with a warning. */
export async function openNatsFollower<Item>(
  parts: NatsParts,
  followed: FollowedStream,
  from: FollowFrom,
  { decode, onStop }: { decode(message: JsMsg): Item | undefined; onStop(): void },
): Promise<Reading<Item>> {
  const { stream } = followed
  // Before the consumer is made, so that nothing between the two is counted as passed.
  const state = await stateOf(parts, stream)
  const { cursor, consumer } = await firstConsumer(parts, followed, from, state)
  const source = createSource(parts, followed, { log: state.log, cursor, consumer })
  const stop = () => {
    source.stop()
    onStop()
  }
  async function* read(): AsyncGenerator<Item, void, void> {
    try {
      for await (const message of source.messages()) {
        const item = decode(message)
        if (item !== undefined) yield item
        else {
          const { subject, info } = message
          parts.logger.warn({ subject, sequence: info.streamSequence }, 'an unreadable event was passed over')
        }
      }
    } finally {
      stop()
    }
  }
  const position = { log: state.log, head: state.last, backlog: consumer.num_pending }
  return createFollower(position, read(), { stop, isCurrent: source.isCurrent })
}

interface Position {
  readonly log: string
  readonly cursor: number
  readonly consumer: ConsumerInfo
}

/**
 * Messages in log order, through a consumer without acknowledgements that is made anew, right after the last message handed
 * over, whenever one is missing in its count or the connection was lost.
 */
function createSource(parts: NatsParts, followed: FollowedStream, start: Position) {
  const { client, link, logger, manager } = parts
  let cursor = start.cursor
  let consumer: ConsumerInfo | undefined = start.consumer
  let [delivered, stopped] = [0, false]
  let pull: ConsumerMessages | undefined
  const retries = createRetries(logger, followed)

  const renew = () => {
    if (consumer !== undefined) manager.consumers.delete(followed.stream, consumer.name).catch(() => undefined) // else it expires
    consumer = undefined
    pull?.stop()
  }
  const forget = link.onReconnect(renew)

  const current = async (): Promise<ConsumerInfo> => {
    if (consumer !== undefined) return consumer
    const state = await stateOf(parts, followed.stream)
    if (state.log !== start.log) throw new EventsLostError()
    assertReachable(state, cursor)
    consumer = await createConsumer(parts, followed, cursor)
    delivered = 0
    retries.succeed()
    return consumer
  }
  async function* batch(): AsyncGenerator<JsMsg, void, void> {
    const from = client.consumers.getConsumerFromInfo(await current())
    pull = await from.fetch({ max_messages: READ_AHEAD, expires: PULL_MS, idle_heartbeat: HEARTBEAT_MS })
    if (stopped) return pull.stop()
    for await (const message of pull) {
      if (stopped || message.info.deliverySequence !== delivered + 1) return renew()
      delivered += 1
      cursor = message.info.streamSequence
      yield message
    }
  }

  return {
    async *messages(): AsyncGenerator<JsMsg, void, void> {
      while (!stopped) {
        try {
          yield* batch()
        } catch (error) {
          if (stopped) return
          renew()
          if (error instanceof EventsLostError) throw error
          await retries.wait(error)
        }
      }
    },
    async isCurrent() {
      const asked = consumer
      return asked !== undefined && (await sentBy(parts, followed, asked.name)) === delivered && asked === consumer
    },
    stop() {
      if (stopped) return
      stopped = true
      retries.stop()
      forget()
      renew()
    },
  }
}

/** The time between tries. Tells the operator once of a stream that is gone, and asks for it ever less often. */
function createRetries(logger: Logger, { stream, filter }: FollowedStream) {
  const stopping = new AbortController()
  let waitMs = RETRY_MS
  return {
    succeed: () => void (waitMs = RETRY_MS),
    /** Resolves when it is time for the next one, or at once when stopped. */
    async wait(error: unknown): Promise<void> {
      const isGone = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound
      if (isGone && waitMs === RETRY_MS) {
        logger.warn({ stream, filter }, 'a stream that is followed is gone: its followers wait until it is made anew')
      } else logger.debug({ err: error, filter }, 'a follower asks again')
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      waitMs = isGone ? Math.min(LONGEST_RETRY_MS, waitMs * 2) : RETRY_MS
    },
    stop: () => stopping.abort(),
  }
}

/** How many messages a consumer has sent; undefined where it has more to send. */
async function sentBy({ manager }: NatsParts, { stream }: FollowedStream, name: string): Promise<number | undefined> {
  const { num_pending, delivered } = await manager.consumers.info(stream, name)
  return num_pending === 0 ? delivered.consumer_seq : undefined
}

interface LogState {
  readonly log: string
  /** The position before the oldest event kept. */
  readonly floor: number
  /** The position of the newest event. */
  readonly last: number
}

async function stateOf({ manager }: NatsParts, stream: string): Promise<LogState> {
  const { created, state } = await manager.streams.info(stream)
  return { log: `${stream} ${created}`, floor: Math.max(0, state.first_seq - 1), last: state.last_seq }
}

/** The server alone knows which position a time is: it tells it of a consumer that begins there. */
async function firstConsumer(
  parts: NatsParts,
  followed: FollowedStream,
  from: FollowFrom,
  state: LogState,
): Promise<FirstRead> {
  if (typeof from === 'object' && 'since' in from) {
    const begin = { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.since.toISOString() } as const
    const consumer = await addConsumer(parts, followed, begin)
    return { cursor: Math.max(state.floor, consumer.delivered.stream_seq), consumer }
  }
  const cursor = firstCursor(state, from)
  return { cursor, consumer: await createConsumer(parts, followed, cursor) }
}

type FirstRead = Pick<Position, 'cursor' | 'consumer'>

/** The position to read on from, as a number: `new` would mean another place each time the consumer is made anew. */
function firstCursor(state: LogState, from: Exclude<FollowFrom, { readonly since: Date }>): number {
  if (typeof from !== 'object') return from === 'new' ? state.last : state.floor
  assertReachable(state, from.afterSequence)
  return from.afterSequence
}

function assertReachable({ floor, last }: LogState, cursor: number): void {
  if (cursor < floor || cursor > last) throw new EventsLostError()
}

function createConsumer(parts: NatsParts, followed: FollowedStream, cursor: number): Promise<ConsumerInfo> {
  return addConsumer(parts, followed, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: cursor + 1 })
}

type Begin = Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_seq' | 'opt_start_time'>

function addConsumer({ manager }: NatsParts, { stream, filter }: FollowedStream, begin: Begin): Promise<ConsumerInfo> {
  return manager.consumers.add(stream, {
    ...begin,
    filter_subject: filter,
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(UNUSED_MS),
    mem_storage: true,
    max_deliver: 1,
  })
}
