import { z } from 'zod'

/** A record got a new template. Never carries the template. Producer: biometric. */
export const biometricRenewed = {
  type: 'biometric.renewed',
  version: 1,
  data: z.strictObject({
    recordId: z.uuid(),
    userId: z.uuid(),
    type: z.enum(['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI']),
    sampleVersion: z.int().min(2),
  }),
  subject: () => 'events.biometric.renewed',
  filter: 'events.biometric.renewed',
} as const
