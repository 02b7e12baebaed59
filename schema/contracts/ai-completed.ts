import { z } from 'zod'

/** An AI request came to its end. Never carries prompt or answer. Producer: ai. Consumers: user, which counts what a person has had answered. */
export const aiCompleted = {
  type: 'ai.completed',
  version: 1,
  data: z.strictObject({
    requestId: z.uuid(),
    userId: z.uuid(),
    outcome: z.enum(['COMPLETED', 'FAILED']),
    model: z.string().nullable(),
    totalTokens: z.int().nonnegative().nullable(),
  }),
  subject: () => 'events.ai.completed',
  filter: 'events.ai.completed',
} as const
