import { z } from 'zod'

/** An administrator has a person erased. Names nobody but that person: who did it stands in the audit log. Producer: auth. Consumer: user. */
export const userErasureOrdered = {
  type: 'user.erasure-ordered',
  version: 1,
  data: z.strictObject({
    erasureId: z.uuid(),
    userId: z.uuid(),
    /** SHA-256 of the receipt the administrator was given, in hexadecimal. */
    receiptFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  subject: () => 'events.user.erasure-ordered',
  filter: 'events.user.erasure-ordered',
} as const
