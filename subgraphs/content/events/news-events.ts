import { createEventRow, type EventRow } from '../../../platform/bus/event-row.js'
import { contentPublished } from '../../../schema/contracts/content-published.js'
import { contentUnpublished } from '../../../schema/contracts/content-unpublished.js'
import type { ContentChange } from '../domain/change-content.js'

/** The events a change gives rise to, ready for the outbox. */
export function newsEvents({ content, news }: ContentChange, actorId: string): readonly EventRow[] {
  const about = { contentId: content.id, authorId: content.authorId }
  const meta = { actorId, now: content.updatedAt }
  if (news === 'published') {
    return [createEventRow(contentPublished, { ...about, publishedAt: content.updatedAt.toISOString() }, meta)]
  }
  return news === 'unpublished' ? [createEventRow(contentUnpublished, about, meta)] : []
}
