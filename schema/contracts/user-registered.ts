import { z } from 'zod'

/** An account was opened. Producer: auth. Consumers: user, which makes the profile. */
export const userRegistered = {
  type: 'user.registered',
  version: 1,
  data: z.strictObject({
    userId: z.uuid(),
    displayName: z.string(),
  }),
  subject: () => 'events.user.registered',
  filter: 'events.user.registered',
} as const
