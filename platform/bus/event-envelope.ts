import { z } from 'zod'
import type { EventEnvelope } from './bus.js'

/** The envelope as it stands in a log or an outbox: the edge where text from outside the process becomes typed. */
export const eventEnvelope: z.ZodType<EventEnvelope> = z.object({
  id: z.guid(),
  type: z.string().min(1),
  version: z.int().positive(),
  occurredAt: z.iso.datetime(),
  traceId: z.string().min(1),
  actorId: z.string().min(1).optional(),
  data: z.unknown(),
})

const LARGEST_BYTES = 512 * 1024 // half of what NATS takes by default: the rest is for headers and for growth

/** The envelope as it is stored. Throws RangeError when it is larger than a broker will take: events name things, they don't carry them. */
export function encodeEnvelope(envelope: EventEnvelope): string {
  const text = JSON.stringify(envelope)
  if (Buffer.byteLength(text) <= LARGEST_BYTES) return text
  throw new RangeError(`An event of type ${envelope.type} is larger than ${LARGEST_BYTES / 1024} KiB.`)
}

/** The envelope in what was stored, undefined when it is something else. */
export function decodeEnvelope(text: string): EventEnvelope | undefined {
  try {
    return eventEnvelope.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
