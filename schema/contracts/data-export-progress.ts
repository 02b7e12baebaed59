import { z } from 'zod'

/** An export of a person's data took a step. The data is the payload of the subscription `dataExportProgress`. Producer: user. Follower: the gateway. */
export const dataExportProgress = {
  type: 'data-export.progress',
  version: 1,
  data: z.strictObject({
    id: z.uuid(),
    userId: z.uuid(),
    state: z.enum(['GATHERING', 'READY', 'FAILED', 'EXPIRED']),
    percent: z.int().min(0).max(100),
    message: z.string(),
    occurredAt: z.iso.datetime(),
  }),
  subject: (data: { userId: string; id: string }) => `progress.data-export.${data.userId}.${data.id}`,
  filter: 'progress.data-export.*.*',
} as const
