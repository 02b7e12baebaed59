import { setTimeout as delay } from 'node:timers/promises'
import { AckPolicy, DeliverPolicy, type ConsumerInfo, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { EventsLostError, type FollowedEvent, type Follower, type FollowFrom } from './bus.js'
import { decodeEnvelope } from './event-envelope.js'
import { createFollower } from './follower.js'
import type { NatsParts } from './nats-bus.js'

const READ_AHEAD = 128 // events buffered for a reader that is slower than the log
const PULL_MS = 30_000
const HEARTBEAT_MS = 5_000 // a request the server has lost is noticed after two of them
const UNUSED_MS = 120_000 // the server forgets the consumer of a process that died
const RETRY_MS = 250

/** Opens a follower of one stream; what is no envelope is passed over with a warning. */
export async function openNatsFollower(
  parts: NatsParts,
  filter: string,
  from: FollowFrom,
  onStop: () => void,
): Promise<Follower> {
  const stream = parts.naming.streamNameOf(filter)
  // Before the consumer is made, so that nothing between the two is counted as passed.
  const state = await stateOf(parts, stream)
  const cursor = firstCursor(state, from)
  const consumer = await createConsumer(parts, filter, cursor)
  const source = createSource(parts, filter, { log: state.log, cursor, consumer })
  const stop = () => {
    source.stop()
    onStop()
  }
  async function* read(): AsyncGenerator<FollowedEvent, void, void> {
    try {
      for await (const message of source.messages()) {
        const { streamSequence: sequence } = message.info
        const subject = parts.naming.fromServer(message.subject)
        const envelope = decodeEnvelope(message.string())
        if (envelope !== undefined) yield { sequence, subject, envelope }
        else parts.logger.warn({ subject, sequence }, 'an unreadable event was passed over')
      }
    } finally {
      stop()
    }
  }
  return createFollower({ log: state.log, head: state.last, backlog: consumer.num_pending }, read(), stop)
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
function createSource(parts: NatsParts, filter: string, start: Position) {
  const { client, link, logger, manager, naming } = parts
  const stream = naming.streamNameOf(filter)
  let cursor = start.cursor
  let consumer: ConsumerInfo | undefined = start.consumer
  let delivered = 0
  let pull: ConsumerMessages | undefined
  let stopped = false

  const renew = () => {
    if (consumer !== undefined) manager.consumers.delete(stream, consumer.name).catch(() => undefined) // else it expires
    consumer = undefined
    pull?.stop()
  }
  const forget = link.onReconnect(renew)

  const current = async (): Promise<ConsumerInfo> => {
    if (consumer !== undefined) return consumer
    const state = await stateOf(parts, stream)
    if (state.log !== start.log) throw new EventsLostError()
    assertReachable(state, cursor)
    consumer = await createConsumer(parts, filter, cursor)
    delivered = 0
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
          logger.debug({ err: error, filter }, 'a follower asks again')
          await delay(RETRY_MS)
        }
      }
    },
    stop() {
      if (stopped) return
      stopped = true
      forget()
      renew()
    },
  }
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

/** The position to read on from, as a number: `new` would mean another place each time the consumer is made anew. */
function firstCursor(state: LogState, from: FollowFrom): number {
  if (typeof from !== 'object') return from === 'new' ? state.last : state.floor
  assertReachable(state, from.afterSequence)
  return from.afterSequence
}

function assertReachable({ floor, last }: LogState, cursor: number): void {
  if (cursor < floor || cursor > last) throw new EventsLostError()
}

function createConsumer({ manager, naming }: NatsParts, filter: string, cursor: number): Promise<ConsumerInfo> {
  return manager.consumers.add(naming.streamNameOf(filter), {
    filter_subject: naming.toServer(filter),
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: cursor + 1,
    inactive_threshold: nanos(UNUSED_MS),
    mem_storage: true,
    max_deliver: 1,
  })
}
