import { z } from 'zod'

/**
 * Services are to erase a person, for good. Asked again with another event while an answer is missing. Producer: user.
 * Consumers: every service that keeps something about people; those that `services` does not name leave it alone.
 */
export const userErasureRequested = {
  type: 'user.erasure-requested',
  version: 1,
  data: z.strictObject({
    erasureId: z.uuid(),
    userId: z.uuid(),
    services: z.array(z.string().min(1)).min(1),
  }),
  subject: () => 'events.user.erasure-requested',
  filter: 'events.user.erasure-requested',
} as const
