import { setTimeout as delay } from 'node:timers/promises'
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type ConsumerInfo,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Consumer, ConsumerOptions } from './bus.js'
import { deliveryPolicy } from './delivery-policy.js'
import { decodeEnvelope } from './event-envelope.js'
import type { NatsParts } from './nats-parts.js'
import { assertConsumerName, assertFilter, deadLetterSubject } from './subjects.js'

const ACK_WAIT_MS = 10_000 // an instance that died holds its event back for so long
const WORKING_MS = 3_000 // three chances to say that a long handler still lives
const PULL_MS = 30_000
const HEARTBEAT_MS = 5_000 // a request the server has lost is noticed after two of them
const RETRY_MS = 250

/** One instance of a durable pull consumer: it asks for one event, handles it, and asks for the next. */
export async function startNatsConsumer(parts: NatsParts, options: ConsumerOptions): Promise<Consumer> {
  assertConsumerName(options.name)
  assertFilter(options.subject)
  const { client, link, logger } = parts
  let info: ConsumerInfo | undefined = await ensureDurable(parts, options)
  let pull: ConsumerMessages | undefined
  let closed = false
  const forget = link.onReconnect(() => {
    info = undefined
    pull?.stop() // what it asked the old server for will not come
  })

  const next = async (): Promise<JsMsg | undefined> => {
    info ??= await ensureDurable(parts, options)
    pull = await client.consumers
      .getConsumerFromInfo(info)
      .fetch({ max_messages: 1, expires: PULL_MS, idle_heartbeat: HEARTBEAT_MS })
    if (closed) return undefined
    for await (const message of pull) return message
    return undefined
  }
  const run = async () => {
    while (!closed) {
      try {
        const message = await next()
        if (message !== undefined) await handle(parts, options, message)
      } catch (error) {
        if (closed) return
        logger.debug({ err: error, consumer: options.name }, 'a consumer asks again')
        info = undefined
        await delay(RETRY_MS)
      }
    }
  }
  const ended = run()
  return {
    async close() {
      closed = true
      forget()
      pull?.stop()
      await ended
    },
  }
}

async function ensureDurable(
  { manager, naming }: NatsParts,
  { name, subject }: ConsumerOptions,
): Promise<ConsumerInfo> {
  const stream = naming.streamNameOf(subject)
  const config = {
    durable_name: name,
    filter_subject: naming.toServer(subject),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    deliver_policy: DeliverPolicy.All,
    max_deliver: -1, // counted here: a server that gives up keeps no dead letter
  }
  try {
    return await manager.consumers.add(stream, config)
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error
    const { filter_subject, ack_wait, max_deliver } = config
    return manager.consumers.update(stream, name, { filter_subject, ack_wait, max_deliver })
  }
}

async function handle(parts: NatsParts, options: ConsumerOptions, message: JsMsg): Promise<void> {
  const { naming, logger } = parts
  const { deliveryCount: attempt } = message.info
  const subject = naming.fromServer(message.subject)
  const envelope = decodeEnvelope(message.string())
  const policy = deliveryPolicy(options)
  const about = { consumer: options.name, eventId: envelope?.id, subject, attempt }
  if (envelope === undefined || attempt > policy.maxDeliver) {
    // Beyond the last try: its process died before it could say how it went, or the dead letter could not be stored.
    logger.error(about, 'an event that can not be handled is put among the dead letters')
    return deadLetter(parts, options, message)
  }
  const working = setInterval(() => message.working(), WORKING_MS)
  try {
    await options.handle(envelope, { attempt, subject })
    message.ack()
  } catch (error) {
    const next = policy.afterFailure(error, attempt)
    if (next === 'dead-letter') {
      logger.error({ err: error, ...about }, 'an event was given up and put among the dead letters')
      await deadLetter(parts, options, message)
    } else {
      logger.warn({ err: error, ...about }, 'an event was not handled and will be tried again')
      message.nak(next.retryInMs)
    }
  } finally {
    clearInterval(working)
  }
}

/** The letter is stored BEFORE the event is let go of, as the bytes that came. */
async function deadLetter({ store, naming }: NatsParts, { name }: ConsumerOptions, message: JsMsg): Promise<void> {
  const subject = deadLetterSubject(name, naming.fromServer(message.subject))
  try {
    await store(subject, message.data, `${name}.${message.info.streamSequence}`)
    message.term()
  } catch (error) {
    message.nak(RETRY_MS)
    throw error
  }
}
