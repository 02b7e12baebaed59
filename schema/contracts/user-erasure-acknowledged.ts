import { z } from 'zod'

/** A service has erased what it had of the person an erasure is about, whom this does not name. Producers: all. Consumer: user. */
export const userErasureAcknowledged = {
  type: 'user.erasure-acknowledged',
  version: 1,
  data: z.strictObject({
    erasureId: z.uuid(),
    service: z.string().min(1),
    /** How many rows it deleted, those that went with others not counted. */
    rows: z.int().nonnegative(),
  }),
  subject: () => 'events.user.erasure-acknowledged',
  filter: 'events.user.erasure-acknowledged',
} as const
