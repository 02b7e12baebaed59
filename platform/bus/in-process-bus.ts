import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from '../log/logger.js'
import { createBacklog } from './backlog.js'
import { BusUnavailableError, EventsLostError } from './bus.js'
import type { Bus, Consumer, EventEnvelope, Follower, FollowFrom } from './bus.js'
import { encodeEnvelope } from './event-envelope.js'
import type { EventJournal, StoredEvent } from './event-journal.js'
import { createFollower } from './follower.js'
import { createInProcessConsumers } from './in-process-consumers.js'
import { createSignal } from './signal.js'
import { createStreamLog, type StreamLog } from './stream-log.js'
import { assertFilter, assertSubject, deadLetterSubject, streamOf, streams, type StreamName } from './subjects.js'

export interface InProcessBusOptions {
  readonly logger: Logger
  /** Milliseconds since the epoch; decides what is too old to keep. */
  readonly clock?: () => number
  /** Keeps events and consumers' positions for the next process; without it they end with this one. */
  readonly journal?: EventJournal
}

/**
 * The bus of a single process: the same promises as over NATS, beyond the end of the process only with a journal. An
 * event reaches followers and idle consumers in the tick it is published in.
 */
export function createInProcessBus({ logger, clock = Date.now, journal }: InProcessBusOptions): Bus {
  const openLog = (name: StreamName) =>
    createStreamLog({
      ...streams[name],
      clock,
      ...(journal && keptBy(journal, name)),
    })
  const logs: Readonly<Record<StreamName, StreamLog>> = {
    EVENTS: openLog('EVENTS'),
    PROGRESS: openLog('PROGRESS'),
    DEAD_LETTERS: openLog('DEAD_LETTERS'),
  }
  const followers = new Set<Follower>()
  const consumers = new Set<Consumer>()
  let closed = false
  const durables = createInProcessConsumers({
    logger,
    journal,
    logOf: (subject) => logs[streamOf(subject)],
    deadLetter(name, { sequence, subject, envelope }) {
      // Two consumers may give up on one event: both letters are kept.
      logs.DEAD_LETTERS.append(`${name}.${sequence}`, deadLetterSubject(name, subject), envelope)
    },
  })

  return {
    engine: 'in-process',
    async publish(subject, envelope) {
      assertSubject(subject)
      refuseWhen(closed)
      logs[streamOf(subject)].append(envelope.id, subject, storable(envelope))
    },
    async consume(options) {
      refuseWhen(closed)
      const instance = durables.start(options)
      consumers.add(instance)
      return {
        async close() {
          consumers.delete(instance)
          await instance.close()
        },
      }
    },
    async follow(subject, from) {
      assertFilter(subject)
      refuseWhen(closed)
      const follower = openFollower(logs[streamOf(subject)], subject, from, () => followers.delete(follower))
      followers.add(follower)
      return follower
    },
    subjects: null,
    async check() {
      refuseWhen(closed)
    },
    async close() {
      closed = true
      await Promise.all([...consumers, ...followers].map((open) => open.close()))
      durables.forget()
      journal?.close()
    },
  }
}

const keptBy = (journal: EventJournal, name: StreamName) => ({
  name: journal.logs[name],
  restored: journal.stored[name],
  onAppend: (stored: StoredEvent) => journal.recordStored(name, stored),
})

function refuseWhen(closed: boolean): void {
  if (closed) throw new BusUnavailableError()
}

/** What would come out of a broker: plain JSON, and nobody's to change since all readers share it. */
function storable(envelope: EventEnvelope): EventEnvelope {
  const copy: EventEnvelope = JSON.parse(encodeEnvelope(envelope))
  return deepFreeze(copy)
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}

const EVENTS_A_TURN = 256 // a long replay lets the rest of the process breathe

function openFollower(log: StreamLog, filter: string, from: FollowFrom, onStop: () => void): Follower {
  const afterSequence = firstPosition(log, from)
  if (afterSequence < log.floor || afterSequence > log.last) throw new EventsLostError()
  const signal = createSignal()
  let lost = false
  let stopped = false
  const reader = log.openReader({ filter, afterSequence, wake: signal.wake, lost: () => (lost = true) })
  const backlog = createBacklog(reader.backlog)
  const position = { log: log.name, head: log.last, backlog: backlog.size, caughtUp: backlog.caughtUp }
  const stop = () => {
    stopped = true
    reader.close()
    signal.wake()
    onStop()
  }
  async function* read() {
    for (let count = 1; !stopped; count += 1) {
      const event = reader.take()
      if (lost) {
        stop()
        throw new EventsLostError()
      }
      if (event === undefined) await signal.wait()
      else {
        yield event
        backlog.pass()
      }
      if (count % EVENTS_A_TURN === 0) await nextTurn()
    }
  }
  return createFollower(position, read(), { stop, isCurrent: async () => !stopped && reader.isAtEnd() })
}

function firstPosition(log: StreamLog, from: FollowFrom): number {
  if (typeof from !== 'object') return from === 'new' ? log.last : log.floor
  return 'since' in from ? log.positionBefore(from.since.getTime()) : from.afterSequence
}
