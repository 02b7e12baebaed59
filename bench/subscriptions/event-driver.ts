import { connectNatsBus } from '../../platform/bus/nats-bus.js'
import { createLogger } from '../../platform/log/logger.js'
import { nowMicros } from './load-sockets.js'
import { subjectOf, type MovedEvent } from '../../tests/support/moving-things.js'
import { TOPICS } from './topics.js'

/** Publishes events, topic after topic. */
export interface EventDriver {
  /** Events so far. */
  readonly published: number
  /** Resolves when the log has it. */
  publish(): Promise<void>
  close(): Promise<void>
}

const NOTE = 'It went from one place to another, by way of a third, and was seen there. '.repeat(2)

export async function openEventDriver(natsUrl: string): Promise<EventDriver> {
  const logger = createLogger({ service: 'driver', level: 'error' })
  const bus = await connectNatsBus({ url: natsUrl, clientName: 'driver', logger })
  let published = 0
  return {
    get published() {
      return published
    },
    async publish() {
      const topic = published % TOPICS
      const data: MovedEvent = {
        number: Math.floor(published / TOPICS),
        sentAt: nowMicros(),
        note: NOTE,
        thing: { id: String(topic) },
      }
      published += 1
      await bus.publish(subjectOf(topic), {
        id: crypto.randomUUID(),
        type: 'thing.moved',
        version: 1,
        occurredAt: new Date().toISOString(),
        traceId: '0'.repeat(32),
        data,
      })
    },
    close: () => bus.close(),
  }
}
