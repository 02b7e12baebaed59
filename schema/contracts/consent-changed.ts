import { z } from 'zod'

/** A person gave or withdrew a consent; `occurredAt` of the envelope orders the changes of one person. Producer: user. Consumers: biometric, ai. */
export const consentChanged = {
  type: 'consent.changed',
  version: 1,
  data: z.strictObject({
    userId: z.uuid(),
    kind: z.enum(['BIOMETRIC', 'AI', 'ANALYTICS', 'MARKETING']),
    /** Of the document that was agreed to. */
    version: z.string().min(1).max(40),
    given: z.boolean(),
  }),
  subject: () => 'events.consent.changed',
  filter: 'events.consent.changed',
} as const
