import type { Logger } from '../log/logger.js'
import type { Consumer, ConsumerOptions, FollowedEvent } from './bus.js'
import type { EventJournal } from './event-journal.js'
import { deliveryPolicy } from './delivery-policy.js'
import { createSignal, type Signal } from './signal.js'
import type { LogReader, StreamLog } from './stream-log.js'
import { assertConsumerName, assertFilter, streamOf } from './subjects.js'

interface Parts {
  readonly logger: Logger
  readonly logOf: (subject: string) => StreamLog
  readonly deadLetter: (consumer: string, event: FollowedEvent) => void
  /** What earlier processes handled; undefined when nothing outlives this one. */
  readonly journal: EventJournal | undefined
}

interface Pending {
  readonly event: FollowedEvent
  readonly attempt: number
}

/** What outlives the instances of one name: the position, and what waits for another try. */
interface Durable {
  readonly reader: LogReader
  readonly filter: string
  /** Handled by an earlier process, and still in the log. */
  readonly handledBefore: ReadonlySet<number>
  readonly ready: Pending[]
  readonly instances: Set<Signal>
  readonly timers: Set<NodeJS.Timeout>
}

export interface InProcessConsumers {
  start(options: ConsumerOptions): Consumer
  /** Drops all positions. */
  forget(): void
}

/** Durable consumers over logs in memory. */
export function createInProcessConsumers(parts: Parts): InProcessConsumers {
  const durables = new Map<string, Durable>()
  return {
    start(options) {
      assertConsumerName(options.name)
      assertFilter(options.subject)
      const known = durables.get(options.name)
      const durable = known?.filter === options.subject ? known : openDurable(parts, options)
      if (known !== durable) {
        if (known !== undefined) forgetDurable(known)
        durables.set(options.name, durable)
      }
      return startInstance(parts, durable, options)
    },
    forget() {
      durables.forEach(forgetDurable)
      durables.clear()
    },
  }
}

function openDurable({ logger, logOf, journal }: Parts, { name, subject }: ConsumerOptions): Durable {
  const log = logOf(subject)
  const instances = new Set<Signal>()
  const reader = log.openReader({
    filter: subject,
    afterSequence: log.floor,
    wake: () => instances.forEach((instance) => instance.wake()),
    lost: () => logger.error({ consumer: name }, 'a consumer fell so far behind that events were dropped unhandled'),
  })
  const handledBefore = journal?.handledBy(name) ?? new Set()
  return { reader, filter: subject, handledBefore, ready: [], instances, timers: new Set() }
}

function forgetDurable({ reader, timers }: Durable): void {
  reader.close()
  timers.forEach(clearTimeout)
}

function startInstance(parts: Parts, durable: Durable, options: ConsumerOptions): Consumer {
  const signal = createSignal()
  let closed = false
  durable.instances.add(signal)
  const run = async () => {
    while (!closed) {
      const pending = takePending(durable)
      if (pending === undefined) await signal.wait()
      else await handle(parts, durable, options, pending)
    }
  }
  const ended = run()
  return {
    async close() {
      closed = true
      durable.instances.delete(signal)
      signal.wake()
      await ended
    },
  }
}

function takePending({ ready, reader, handledBefore }: Durable): Pending | undefined {
  const again = ready.shift()
  if (again !== undefined) return again
  let event = reader.take()
  while (event !== undefined && handledBefore.has(event.sequence)) event = reader.take()
  return event === undefined ? undefined : { event, attempt: 1 }
}

async function handle(
  parts: Parts,
  durable: Durable,
  options: ConsumerOptions,
  { event, attempt }: Pending,
): Promise<void> {
  const { logger, deadLetter, journal } = parts
  const settle = () => journal?.recordHandled(streamOf(event.subject), options.name, event.sequence)
  try {
    await options.handle(event.envelope, { attempt, subject: event.subject })
    settle()
  } catch (error) {
    const next = deliveryPolicy(options).afterFailure(error, attempt)
    const about = { err: error, consumer: options.name, eventId: event.envelope.id, subject: event.subject, attempt }
    if (next === 'dead-letter') {
      logger.error(about, 'an event was given up and put among the dead letters')
      deadLetter(options.name, event)
      settle()
      return
    }
    logger.warn(about, 'an event was not handled and will be tried again')
    const timer = setTimeout(() => {
      durable.timers.delete(timer)
      durable.ready.push({ event, attempt: attempt + 1 })
      durable.instances.forEach((instance) => instance.wake())
    }, next.retryInMs)
    timer.unref()
    durable.timers.add(timer)
  }
}
