import { z } from 'zod'

/**
 * What an account is now, after something of it changed; it may be as it was. Producer: auth. Consumers: user, by whose list of
 * people administrators narrow. Of two events about one account the one with the higher revision holds, in whatever order they come.
 */
export const accountChanged = {
  type: 'account.changed',
  version: 1,
  data: z.strictObject({
    userId: z.uuid(),
    revision: z.int().positive(),
    role: z.enum(['guest', 'user', 'admin', 'superadmin', 'service']),
    emailVerified: z.boolean(),
    /** Whether signing in asks for a second factor. */
    mfaEnabled: z.boolean(),
  }),
  subject: () => 'events.account.changed',
  filter: 'events.account.changed',
} as const
