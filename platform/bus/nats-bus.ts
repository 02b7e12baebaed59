import { setTimeout as delay } from 'node:timers/promises'
import { jetstream, JetStreamApiCodes, JetStreamApiError, jetstreamManager, type JsMsg } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { StartupError } from '../errors/startup-error.js'
import { BusUnavailableError, type Bus, type FollowedEvent } from './bus.js'
import { decodeEnvelope, encodeEnvelope } from './event-envelope.js'
import { connectNats, type NatsConnectionOptions, type NatsLink } from './nats-connection.js'
import { startNatsConsumer } from './nats-consumer.js'
import { openNatsFollower } from './nats-follower.js'
import { unavailable, type FollowerTimes, type NatsParts } from './nats-parts.js'
import { createNatsSubjects } from './nats-subjects.js'
import { ensureStreams, streamNaming, type StreamNaming } from './nats-streams.js'
import { assertFilter, assertSubject } from './subjects.js'

export interface NatsBusOptions extends NatsConnectionOptions {
  /** Stands before every stream's name and subject, so that several systems, or tests, share one server. */
  readonly namespace?: string
  /** How long a publish tries before it gives up: longer than a restart of the server takes. */
  readonly publishWaitMs?: number
  readonly followerTimes?: Partial<FollowerTimes>
}

const REQUEST_MS = 2_000 // a healthy server answers in milliseconds; one that restarts loses the request
const PUBLISH_WAIT_MS = 10_000
const CHECK_MS = 900 // readiness probes allow 1 s
const FOLLOWER_TIMES: FollowerTimes = { pullMs: 30_000, heartbeatMs: 5_000, goneMs: 10_000 }

/**
 * The bus over NATS JetStream (2.9 and later). It survives restarts of the server: publishing waits and tries again under
 * the same id, consumers and followers go on where they were. Throws StartupError when the server is not there at the start.
 */
export async function connectNatsBus(options: NatsBusOptions): Promise<Bus> {
  const naming = streamNaming(options.namespace)
  const link = await connectNats(options)
  const parts = await openParts(options, link, naming)
  const open = new Set<{ close(): Promise<void> }>()
  const forgetWhenClosed = <Open extends { close(): Promise<void> }>(one: Open): Open => {
    open.add(one)
    return one
  }
  return {
    engine: 'nats',
    async publish(subject, envelope) {
      assertSubject(subject)
      await parts.store(subject, encodeEnvelope(envelope), envelope.id)
    },
    async consume(consumerOptions) {
      const consumer = await unavailable(link, () => startNatsConsumer(parts, consumerOptions))
      return forgetWhenClosed({ close: () => (open.delete(consumer), consumer.close()) })
    },
    async follow(subject, from) {
      assertFilter(subject)
      const followed = { stream: naming.streamNameOf(subject), filter: naming.toServer(subject) }
      const follower = await unavailable(link, () =>
        withStreams(parts, () =>
          openNatsFollower(parts, followed, from, {
            decode: (message) => eventIn(message, naming),
            onStop: () => open.delete(follower),
          }),
        ),
      )
      return forgetWhenClosed(follower)
    },
    subjects: createNatsSubjects(parts, open),
    check: () => unavailable(link, async () => void (await within(CHECK_MS, parts.manager.getAccountInfo())), 0),
    async close() {
      await Promise.all([...open].map((one) => one.close()))
      await link.close()
    },
  }
}

async function openParts(options: NatsBusOptions, link: NatsLink, naming: StreamNaming): Promise<NatsParts> {
  const { logger, publishWaitMs = PUBLISH_WAIT_MS } = options
  const settings = { timeout: REQUEST_MS, checkAPI: false }
  try {
    const client = jetstream(link.connection, settings)
    const manager = await jetstreamManager(link.connection, settings)
    await ensureStreams(manager, naming)
    link.onReconnect(() => {
      // A server that came back without its disk has lost the streams too.
      ensureStreams(manager, naming).catch((error: unknown) => logger.warn({ err: error }, 'streams were not checked'))
    })
    const store: NatsParts['store'] = (subject, payload, messageId) =>
      storeWithin(publishWaitMs, link, (timeout) =>
        withStreams({ manager, naming }, () =>
          client.publish(naming.toServer(subject), payload, { msgID: messageId, timeout }),
        ),
      )
    const followerTimes = { ...FOLLOWER_TIMES, ...options.followerTimes }
    return { link, client, manager, naming, logger, followerTimes, store }
  } catch (error) {
    await link.close()
    throw new StartupError('NATS answers, but its JetStream does not: start it with JetStream on (nats-server -js).', {
      cause: error,
    })
  }
}

/** Tries until it is stored; the same message id makes a try whose answer was lost harmless. */
async function storeWithin(waitMs: number, link: NatsLink, publish: (timeoutMs: number) => Promise<unknown>) {
  const deadline = performance.now() + waitMs
  for (;;) {
    const left = deadline - performance.now()
    await link.connected(left)
    try {
      await publish(Math.max(1, Math.min(REQUEST_MS, left)))
      return
    } catch (error) {
      if (link.connection.isClosed() || performance.now() + RETRY_MS > deadline) {
        throw new BusUnavailableError({ cause: error })
      }
    }
    await delay(RETRY_MS)
  }
}

function eventIn(message: JsMsg, naming: StreamNaming): FollowedEvent | undefined {
  const envelope = decodeEnvelope(message.string())
  const { streamSequence: sequence } = message.info
  return envelope && { sequence, subject: naming.fromServer(message.subject), envelope }
}

/** Does it once more where somebody has deleted a stream of ours, with that made anew. */
async function withStreams<T>({ manager, naming }: Pick<NatsParts, 'manager' | 'naming'>, work: () => Promise<T>) {
  try {
    return await work()
  } catch (error) {
    if (!hasNoStream(error)) throw error
    await ensureStreams(manager, naming)
    return work()
  }
}

/** The server says so, or nobody listens on the stream's subject. */
function hasNoStream(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === JetStreamApiCodes.StreamNotFound
  return error instanceof Error && error.cause instanceof errors.RequestError && error.cause.isNoResponders()
}

const RETRY_MS = 100

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new BusUnavailableError()
  })
  late.catch(() => undefined)
  return Promise.race([work, late]).finally(() => timer.abort())
}
