import { z } from 'zod'

/** A template was enrolled. Never carries the template. Producer: biometric. */
export const biometricEnrolled = {
  type: 'biometric.enrolled',
  version: 1,
  data: z.strictObject({
    recordId: z.uuid(),
    userId: z.uuid(),
    type: z.enum(['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI']),
  }),
  subject: () => 'events.biometric.enrolled',
  filter: 'events.biometric.enrolled',
} as const
