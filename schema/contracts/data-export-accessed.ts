import { z } from 'zod'

/**
 * A person has made a link to a copy of their data, or somebody has downloaded it by one: who, a link does not tell. Producer:
 * user. Consumer: auth, whose audit log keeps it.
 */
export const dataExportAccessed = {
  type: 'data-export.accessed',
  version: 1,
  data: z.strictObject({
    exportId: z.uuid(),
    userId: z.uuid(),
    act: z.enum(['link-created', 'downloaded']),
  }),
  subject: () => 'events.data-export.accessed',
  filter: 'events.data-export.accessed',
} as const
