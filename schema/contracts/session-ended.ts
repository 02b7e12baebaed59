import { z } from 'zod'

/** A session ended by logout, revocation or reuse of its refresh token. Producer: auth. */
export const sessionEnded = {
  type: 'session.ended',
  version: 1,
  data: z.strictObject({
    sessionId: z.uuid(),
    userId: z.uuid(),
  }),
  subject: () => 'events.session.ended',
  filter: 'events.session.ended',
} as const
