import { type z } from 'zod'
import type { Logger } from '../log/logger.js'
import { withRequestContext } from '../log/request-context.js'
import { UnprocessableEventError, type Bus, type Consumer, type ConsumerOptions, type EventEnvelope } from './bus.js'
import type { EventContract } from './event-contract.js'
import { eventEnvelope } from './event-envelope.js'

export interface ConsumeEventsOptions<Data> extends Pick<ConsumerOptions, 'maxDeliver' | 'backoffMs'> {
  readonly bus: Bus
  /** Durable name, `<service>-<purpose>`. */
  readonly name: string
  readonly contract: EventContract<Data>
  /** May be called again for the same `envelope.id`: claim it in the inbox, in the transaction that does the work. */
  readonly handle: (data: Data, envelope: EventEnvelope) => Promise<void>
  readonly logger: Logger
}

/**
 * A durable consumer of one contract. What does not fit the contract is dead-lettered at once; log lines below the handler
 * carry the trace id of the request that caused the event, and the event's id as request id.
 */
export function consumeEvents<Data>(options: ConsumeEventsOptions<Data>): Promise<Consumer> {
  const { bus, name, contract, handle, logger, maxDeliver, backoffMs } = options
  return bus.consume({
    name,
    subject: contract.filter,
    ...(maxDeliver !== undefined && { maxDeliver }),
    ...(backoffMs !== undefined && { backoffMs }),
    async handle(received, delivery) {
      const envelope = parseEnvelope(contract, received)
      await withRequestContext({ requestId: envelope.id, traceId: envelope.traceId }, async () => {
        await handle(parse(contract.data, envelope.data), envelope)
        logger.debug({ consumer: name, event: envelope.type, attempt: delivery.attempt }, 'event handled')
      })
    },
  })
}

function parseEnvelope<Data>(contract: EventContract<Data>, received: unknown): EventEnvelope {
  const envelope = parse(eventEnvelope, received)
  if (envelope.type === contract.type && envelope.version === contract.version) return envelope
  throw new UnprocessableEventError(
    `This consumer reads ${contract.type} version ${contract.version}, not ${envelope.type} version ${envelope.version}.`,
  )
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  // Paths and reasons only: the values may be personal.
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join('; ')
  throw new UnprocessableEventError(`The event does not fit its contract (${faults}).`)
}
