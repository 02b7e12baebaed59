import { Counter, Histogram, type Registry } from 'prom-client'
import { UnprocessableEventError, type Bus } from '../bus/bus.js'

const outcomes = ['handled', 'failed', 'unprocessable'] as const

/** Seconds; above a request's, for a handler may work for a while. */
const HANDLER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120]

/** The same bus, measured: what is published, and how every consumer fares. Consumers are the house's own, so few. */
export function measureBus(bus: Bus, registry: Registry): Bus {
  const registers = [registry]
  const published = new Counter({
    name: 'bus_published_total',
    help: 'Events given to the bus, by whether it stored them.',
    labelNames: ['outcome'],
    registers,
  })
  const deliveries = new Counter({
    name: 'bus_deliveries_total',
    help: 'Events handed to a consumer: handled, failed (they come again) or unprocessable (put among the dead letters).',
    labelNames: ['consumer', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'bus_handler_duration_seconds',
    help: 'What a consumer takes to handle an event.',
    labelNames: ['consumer'],
    buckets: HANDLER_SECONDS,
    registers,
  })
  for (const outcome of ['stored', 'failed']) published.inc({ outcome }, 0)
  return {
    engine: bus.engine,
    async publish(subject, envelope) {
      await bus.publish(subject, envelope).catch((error: unknown) => {
        published.inc({ outcome: 'failed' })
        throw error
      })
      published.inc({ outcome: 'stored' })
    },
    consume(options) {
      const { name: consumer, handle } = options
      for (const outcome of outcomes) deliveries.inc({ consumer, outcome }, 0)
      durations.zero({ consumer })
      return bus.consume({
        ...options,
        async handle(envelope, delivery) {
          const ended = durations.startTimer({ consumer })
          try {
            await handle(envelope, delivery)
            deliveries.inc({ consumer, outcome: 'handled' })
          } catch (error) {
            const outcome = error instanceof UnprocessableEventError ? 'unprocessable' : 'failed'
            deliveries.inc({ consumer, outcome })
            throw error
          } finally {
            ended()
          }
        },
      })
    },
    follow: (subject, from) => bus.follow(subject, from),
    subjects: bus.subjects,
    check: () => bus.check(),
    close: () => bus.close(),
  }
}
