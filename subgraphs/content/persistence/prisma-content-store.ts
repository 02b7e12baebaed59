import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { z } from 'zod'
import type { ContentStore } from '../domain/content-editor.js'
import type { Content } from '../domain/content.js'
import { newsEvents } from '../events/news-events.js'
import type { ContentPrisma } from './content-prisma.js'
import { contentColumns, contentRow } from './content-row.js'

export interface PrismaContentStoreParts {
  readonly prisma: ContentPrisma
  /** Called after a commit that wrote an event. */
  readonly wakeRelay: () => void
}

/** Content in Postgres: a change and its event are one transaction, and changes to one piece follow one another. */
export function createPrismaContentStore({ prisma, wakeRelay }: PrismaContentStoreParts): ContentStore {
  return {
    async insert(content) {
      await prisma.content.create({ data: { ...content, tags: [...content.tags] }, select: { id: true } })
    },
    async change(id, actorId, decide) {
      const change = await prisma.$transaction(async (transaction) => {
        const rows = await transaction.$queryRaw`
          SELECT ${contentColumns} FROM contents WHERE id = ${id}::uuid AND deleted_at IS NULL FOR UPDATE`
        const decided = decide(z.array(contentRow).parse(rows)[0] ?? null)
        const { content, deleted } = decided
        await transaction.content.updateMany({
          where: { id },
          data: { ...changeable(content), ...(deleted && { deletedAt: content.updatedAt }) },
        })
        const events = newsEvents(decided, actorId)
        if (events.length > 0) await writeToOutbox(transaction, ...events)
        return decided
      })
      if (change.news !== null) wakeRelay()
      return change.content
    },
  }
}

function changeable({ title, body, status, tags, version, publishedAt, updatedAt }: Content) {
  return { title, body, status, tags: [...tags], version, publishedAt, updatedAt }
}
