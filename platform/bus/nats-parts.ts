import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { Logger } from '../log/logger.js'
import { BusUnavailableError, EventsLostError, NoStreamError } from './bus.js'
import type { NatsLink } from './nats-connection.js'
import type { StreamNaming } from './nats-streams.js'

/** What consumers and followers share. */
export interface NatsParts {
  readonly link: NatsLink
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly naming: StreamNaming
  readonly logger: Logger
  readonly followerTimes: FollowerTimes
  /** Resolves when the server has stored it. Throws BusUnavailableError when it can't say so. */
  store(subject: string, payload: string | Uint8Array, messageId: string): Promise<void>
}

export interface FollowerTimes {
  /** How long a follower waits for a message before it asks anew. */
  readonly pullMs: number
  /** How often the server says meanwhile that it has not forgotten; missed twice, it is asked anew. */
  readonly heartbeatMs: number
  /** How long it waits for a stream that is gone. */
  readonly goneMs: number
}

const START_WAIT_MS = 1_000

/** Whatever goes wrong with the server is one error to callers; their own mistakes stay what they are. */
export async function unavailable<T>(link: NatsLink, work: () => Promise<T>, waitMs = START_WAIT_MS): Promise<T> {
  await link.connected(waitMs)
  try {
    return await work()
  } catch (error) {
    if (error instanceof TypeError || error instanceof EventsLostError || error instanceof NoStreamError) throw error
    throw new BusUnavailableError({ cause: error })
  }
}
