import { AckPolicy, DeliverPolicy, type ConsumerConfig, type ConsumerInfo } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { FollowFrom } from './bus.js'
import { assertReachable, type LogState } from './nats-log-state.js'
import type { NatsParts } from './nats-parts.js'

/** What is followed: a filter of subjects, as the server knows them, within one stream. */
export interface FollowedStream {
  readonly stream: string
  readonly filter: string
}

const UNUSED_MS = 120_000 // the server forgets the consumer of a process that died

export interface FirstRead {
  /** The position to read on from. */
  readonly cursor: number
  readonly consumer: ConsumerInfo
}

/** The consumer of a new follower. Throws EventsLostError. The server alone knows which position a time is: it tells it of a consumer that begins there. */
export async function firstConsumer(
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
  return { cursor, consumer: await consumerAfter(parts, followed, cursor) }
}

/** The position to read on from, as a number: `new` would mean another place each time the consumer is made anew. */
function firstCursor(state: LogState, from: Exclude<FollowFrom, { readonly since: Date }>): number {
  if (typeof from !== 'object') return from === 'new' ? state.last : state.floor
  assertReachable(state, from.afterSequence)
  return from.afterSequence
}

/** A consumer of everything after a position. */
export function consumerAfter(parts: NatsParts, followed: FollowedStream, cursor: number): Promise<ConsumerInfo> {
  return addConsumer(parts, followed, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: cursor + 1 })
}

/** How many messages a consumer has sent; undefined where it has more to send. */
export async function sentBy(
  { manager }: NatsParts,
  { stream }: FollowedStream,
  name: string,
): Promise<number | undefined> {
  const { num_pending, delivered } = await manager.consumers.info(stream, name)
  return num_pending === 0 ? delivered.consumer_seq : undefined
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
