import type { Consumer } from '../../../platform/bus/bus.js'
import { contentUnpublished } from '../../../schema/contracts/content-unpublished.js'
import { noteContent } from '../persistence/projections.js'
import { consumeOnce, type ListeningParts } from './consume-once.js'

export function onContentUnpublished(parts: ListeningParts): Promise<Consumer> {
  return consumeOnce(parts, {
    name: 'user-content-unpublished',
    contract: contentUnpublished,
    about: ({ authorId }) => authorId,
    change: (transaction, { contentId, authorId }, { occurredAt }) =>
      noteContent(transaction, { contentId, authorId, published: false, occurredAt: new Date(occurredAt) }),
  })
}
