import { z } from 'zod'

/** Somebody signed in. Producer: auth. */
export const sessionCreated = {
  type: 'session.created',
  version: 1,
  data: z.strictObject({
    sessionId: z.uuid(),
    userId: z.uuid(),
  }),
  subject: () => 'events.session.created',
  filter: 'events.session.created',
} as const
