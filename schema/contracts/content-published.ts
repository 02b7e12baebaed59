import { z } from 'zod'

/** A piece of content became visible to everybody. Producer: content. Consumers: user, which counts what a person has published. */
export const contentPublished = {
  type: 'content.published',
  version: 1,
  data: z.strictObject({
    contentId: z.uuid(),
    authorId: z.uuid(),
    publishedAt: z.iso.datetime(),
  }),
  subject: () => 'events.content.published',
  filter: 'events.content.published',
} as const
