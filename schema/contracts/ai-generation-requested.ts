import { z } from 'zod'

/** An AI request waits for a worker. Never carries the prompt: the worker reads it. Producer: ai. Consumer: ai's own workers. */
export const aiGenerationRequested = {
  type: 'ai.generation-requested',
  version: 1,
  data: z.strictObject({
    requestId: z.uuid(),
  }),
  subject: () => 'events.ai.generation-requested',
  filter: 'events.ai.generation-requested',
} as const
