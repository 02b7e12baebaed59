import { z } from 'zod'

/** A verification was decided. Never carries a score. Producer: biometric. Consumers: user, which keeps lastVerifiedAt. */
export const biometricVerified = {
  type: 'biometric.verified',
  version: 1,
  data: z.strictObject({
    sessionId: z.uuid(),
    recordId: z.uuid(),
    userId: z.uuid(),
    decision: z.enum(['MATCH', 'NON_MATCH']),
  }),
  subject: () => 'events.biometric.verified',
  filter: 'events.biometric.verified',
} as const
