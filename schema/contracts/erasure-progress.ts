import { z } from 'zod'

/** An erasure took a step. Names nobody. The data is the payload of the subscription `erasureProgress`. Producer: user. Follower: the gateway. */
export const erasureProgress = {
  type: 'erasure.progress',
  version: 1,
  data: z.strictObject({
    id: z.uuid(),
    state: z.enum(['SCHEDULED', 'ERASING', 'COMPLETED', 'CANCELLED']),
    percent: z.int().min(0).max(100),
    message: z.string(),
    occurredAt: z.iso.datetime(),
  }),
  subject: (data: { id: string }) => `progress.erasure.${data.id}`,
  filter: 'progress.erasure.*',
} as const
