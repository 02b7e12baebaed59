import { z } from 'zod'

/**
 * An operator has changed what biometrics rest on, or the service itself has, where no operator is named. Producer: biometric.
 * Consumer: auth, whose audit log keeps it.
 */
export const biometricAdministered = {
  type: 'biometric.administered',
  version: 1,
  data: z.strictObject({
    act: z.enum([
      'limits-lifted',
      'capture-device-registered',
      'capture-device-disabled',
      'webhook-registered',
      'webhook-secret-rotated',
      'webhook-disabled',
      'gallery-created',
      'gallery-deleted',
      'gallery-member-added',
      'gallery-member-removed',
      'gallery-searched',
    ]),
    /** The person, the capture device, the webhook, the gallery, or the record that joined one or left it. */
    subjectId: z.uuid(),
    administratorId: z.uuid().nullable(),
  }),
  subject: () => 'events.biometric.administered',
  filter: 'events.biometric.administered',
} as const
