import { z } from 'zod'

/** An AI request took a step. The data is the payload of the subscription `aiRequestProgress`. Producer: ai. Follower: the gateway. */
export const aiRequestProgress = {
  type: 'ai.request.progress',
  version: 1,
  data: z.strictObject({
    request: z.strictObject({ id: z.uuid() }),
    userId: z.uuid(),
    state: z.enum(['QUEUED', 'RUNNING', 'FALLBACK', 'COMPLETED', 'FAILED', 'CANCELLED']),
    percent: z.int().min(0).max(100),
    message: z.string(),
    occurredAt: z.iso.datetime(),
  }),
  subject: (data: { userId: string; request: { id: string } }) => `progress.ai.${data.userId}.${data.request.id}`,
  filter: 'progress.ai.*.*',
} as const
