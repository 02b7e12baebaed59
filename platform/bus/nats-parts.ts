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
  /** Resolves when the server has stored it. Throws BusUnavailableError when it can't say so. */
  store(subject: string, payload: string | Uint8Array, messageId: string): Promise<void>
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
