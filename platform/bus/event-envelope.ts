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
