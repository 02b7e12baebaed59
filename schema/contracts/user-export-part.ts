import { z } from 'zod'

/** A part of what a service has of the person an export is about, whom this does not name. Producers: all. Consumer: user. */
export const userExportPart = {
  type: 'user.export-part',
  version: 1,
  data: z.strictObject({
    exportId: z.uuid(),
    service: z.string().min(1),
    /** The id of the request it answers. */
    answerId: z.uuid(),
    number: z.int().min(1).max(1_024),
    /** How many parts there are; null in all but the last. */
    total: z.int().min(1).max(1_024).nullable(),
    /** Compact JWE (RFC 7516), ECDH-ES and A256GCM. */
    sealed: z.string().regex(/^[\w-]+\.\.[\w-]+\.[\w-]*\.[\w-]+$/),
  }),
  subject: () => 'events.user.export-part',
  filter: 'events.user.export-part',
} as const
