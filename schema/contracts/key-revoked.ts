import { z } from 'zod'

/** A signing key is trusted no more, from this moment on and whatever it signed. Producer: auth. */
export const keyRevoked = {
  type: 'key.revoked',
  version: 1,
  data: z.strictObject({
    /** The `kid` of the tokens it signed. */
    keyId: z.string().min(1).max(128),
  }),
  subject: () => 'events.key.revoked',
  filter: 'events.key.revoked',
} as const
