import { z } from 'zod'

/**
 * Services are to give a copy of what they have of a person, sealed for the public key of this export alone. Asked again with
 * another event while an answer is missing. Producer: user. Consumers: every service that keeps something about people.
 */
export const userExportRequested = {
  type: 'user.export-requested',
  version: 1,
  data: z.strictObject({
    exportId: z.uuid(),
    userId: z.uuid(),
    services: z.array(z.string().min(1)).min(1),
    /** JWK (RFC 7517). */
    publicKey: z.strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string().length(43),
      y: z.string().length(43),
    }),
  }),
  subject: () => 'events.user.export-requested',
  filter: 'events.user.export-requested',
} as const
