import { z } from 'zod'

/** Published content was taken back or deleted. Producer: content. Consumers: user, which counts what a person has published. */
export const contentUnpublished = {
  type: 'content.unpublished',
  version: 1,
  data: z.strictObject({
    contentId: z.uuid(),
    authorId: z.uuid(),
  }),
  subject: () => 'events.content.unpublished',
  filter: 'events.content.unpublished',
} as const
