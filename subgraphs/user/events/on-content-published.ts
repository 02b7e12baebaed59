import type { Consumer } from '../../../platform/bus/bus.js'
import { contentPublished } from '../../../schema/contracts/content-published.js'
import { noteContent } from '../persistence/projections.js'
import { consumeOnce, type ListeningParts } from './consume-once.js'

export function onContentPublished(parts: ListeningParts): Promise<Consumer> {
  return consumeOnce(parts, {
    name: 'user-content-published',
    contract: contentPublished,
    about: ({ authorId }) => authorId,
    change: (transaction, { contentId, authorId }, { occurredAt }) =>
      noteContent(transaction, { contentId, authorId, published: true, occurredAt: new Date(occurredAt) }),
  })
}
