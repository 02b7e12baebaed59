import type { Msg } from '@nats-io/transport-node'
import { BusUnavailableError, EventsLostError, type BrokerMessage, type BrokerSubjects, type Reading } from './bus.js'
import { createFollower } from './follower.js'
import { foreignStreamOf } from './nats-foreign-stream.js'
import { openNatsFollower } from './nats-follower.js'
import { unavailable, type NatsParts } from './nats-parts.js'
import { createSignal } from './signal.js'
import { assertForeignSubject } from './subjects.js'

/** Waits for a reader of a subject that nobody keeps: a second's burst. Above it the reader is too slow, and told so. */
const MAXIMUM_WAITING = { count: 1_024, bytes: 4_194_304 }

/** `open`: what the bus closes. */
export function createNatsSubjects(parts: NatsParts, open: Set<{ close(): Promise<void> }>): BrokerSubjects {
  const keep = (reading: Reading<BrokerMessage>) => {
    open.add(reading)
    return reading
  }
  return {
    async follow(subject, from, isNewestEnough = false) {
      assertForeignSubject(subject)
      const reading = await unavailable(parts.link, async () =>
        openNatsFollower(
          parts,
          { stream: await foreignStreamOf(parts, subject, isNewestEnough), filter: subject },
          from,
          {
            decode: (message) => decode(message, message.info.streamSequence),
            onStop: () => open.delete(reading),
          },
        ),
      )
      return keep(reading)
    },
    async listen(subject) {
      assertForeignSubject(subject)
      const reading = await unavailable(parts.link, () => listen(parts, subject, () => open.delete(reading)))
      return keep(reading)
    },
  }
}

function decode(message: Pick<Msg, 'subject' | 'string'>, sequence: number): BrokerMessage | undefined {
  try {
    const payload: unknown = JSON.parse(message.string())
    return { sequence, subject: message.subject, payload }
  } catch {
    return undefined
  }
}

/** Resolves when the server has taken note: no later message is missed. */
async function listen(
  { link, logger }: NatsParts,
  subject: string,
  onStop: () => void,
): Promise<Reading<BrokerMessage>> {
  const waiting: { readonly message: BrokerMessage; readonly bytes: number }[] = []
  const signal = createSignal()
  let [sequence, bytes] = [0, 0]
  let over: { readonly fault: Error | null } | null = null
  const end = (fault: Error | null) => {
    if (over !== null) return
    over = { fault }
    forget()
    if (!subscription.isClosed()) subscription.unsubscribe()
    onStop()
    signal.wake()
  }
  const take = (message: Msg) => {
    sequence += 1
    const decoded = decode(message, sequence)
    if (decoded === undefined) return logger.warn({ subject: message.subject }, 'an unreadable event was passed over')
    waiting.push({ message: decoded, bytes: message.data.length })
    bytes += message.data.length
    if (waiting.length > MAXIMUM_WAITING.count || bytes > MAXIMUM_WAITING.bytes) return end(new EventsLostError())
    signal.wake()
  }
  const subscription = link.connection.subscribe(subject, {
    callback: (error, message) => (error === null ? take(message) : end(new BusUnavailableError({ cause: error }))),
  })
  const forget = link.onDisconnect(() => end(new BusUnavailableError()))
  await link.connection.flush().catch((error: unknown) => {
    end(null)
    throw error
  })
  async function* read(): AsyncGenerator<BrokerMessage, void, void> {
    for (;;) {
      const next = waiting.shift()
      if (next !== undefined) {
        bytes -= next.bytes
        yield next.message
      } else if (over === null) await signal.wait()
      else if (over.fault === null) return
      else throw over.fault
    }
  }
  const stop = () => {
    waiting.length = 0
    end(null)
  }
  return createFollower({ log: '', head: 0, backlog: 0, caughtUp: Promise.resolve() }, read(), {
    stop,
    isCurrent: async () => false,
  })
}
