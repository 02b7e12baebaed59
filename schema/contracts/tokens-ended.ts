import { z } from 'zod'

/** All access tokens that somebody was given until now have ended: their account was locked or erased. Producer: auth. */
export const tokensEnded = {
  type: 'tokens.ended',
  version: 1,
  data: z.strictObject({
    /** A user's or a service client's id: the `sub` of the tokens. */
    holderId: z.uuid(),
  }),
  subject: () => 'events.tokens.ended',
  filter: 'events.tokens.ended',
} as const
