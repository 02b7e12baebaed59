import { z } from 'zod'

/**
 * An administrator has changed, hidden or restored somebody's profile. Names fields, never what stands in them. Producer: user.
 * Consumer: auth, whose audit log keeps it.
 */
export const profileAdministered = {
  type: 'profile.administered',
  version: 1,
  data: z.strictObject({
    userId: z.uuid(),
    administratorId: z.uuid(),
    act: z.enum(['changed', 'deleted', 'restored']),
    /** What was given with a change; empty for the other acts. */
    fields: z.array(z.string().max(40)).max(40),
  }),
  subject: () => 'events.profile.administered',
  filter: 'events.profile.administered',
} as const
