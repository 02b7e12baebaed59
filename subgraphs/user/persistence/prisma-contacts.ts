import { z } from 'zod'
import type { Block, Contact, ContactStore, Page } from '../domain/contacts.js'
import type { Standing } from '../domain/people.js'
import { Prisma } from '../generated/prisma/client.js'
import type { UserPrisma, UserTransaction } from './user-prisma.js'

const contactRows: z.ZodType<readonly Contact[]> = z.array(
  z.object({ contactId: z.string(), nickname: z.string().nullable(), createdAt: z.date() }),
)
const blockRows: z.ZodType<readonly Block[]> = z.array(z.object({ blockedId: z.string(), createdAt: z.date() }))

/** Contact lists and blocks in Postgres. */
export function createPrismaContacts(prisma: UserPrisma): ContactStore {
  /** One change of a person's lists at a time, in however many requests they come. */
  const inTurn = <T>(ownerId: string, work: (transaction: UserTransaction) => Promise<T>): Promise<T> =>
    prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`contacts:${ownerId}`}, 0))`
      return work(transaction)
    })
  return {
    async contacts(ownerId, page) {
      return contactRows.parse(
        await prisma.$queryRaw`
          SELECT c.contact_id AS "contactId", c.nickname, c.created_at AS "createdAt" FROM contacts c
          JOIN profiles p ON p.user_id = c.contact_id AND p.deleted_at IS NULL
          WHERE c.owner_id = ${ownerId}::uuid
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = c.contact_id AND b.blocked_id = c.owner_id)
            ${beyond(page, Prisma.sql`c.created_at, c.contact_id`)}
          ORDER BY c.created_at DESC, c.contact_id DESC LIMIT ${page.limit}`,
      )
    },
    async blocked(blockerId, page) {
      return blockRows.parse(
        await prisma.$queryRaw`
          SELECT blocked_id AS "blockedId", created_at AS "createdAt" FROM blocks
          WHERE blocker_id = ${blockerId}::uuid ${beyond(page, Prisma.sql`created_at, blocked_id`)}
          ORDER BY created_at DESC, blocked_id DESC LIMIT ${page.limit}`,
      )
    },
    put: (ownerId, contact, most) =>
      inTurn(ownerId, async (transaction) => {
        const { contactId, nickname } = contact
        if ((await transaction.block.count({ where: { blockerId: ownerId, blockedId: contactId } })) > 0)
          return 'blocked'
        const where = { ownerId_contactId: { ownerId, contactId } }
        if ((await transaction.contact.findUnique({ where })) !== null) {
          return transaction.contact.update({ where, data: { nickname }, omit: { ownerId: true } })
        }
        if ((await transaction.contact.count({ where: { ownerId } })) >= most) return 'full'
        return transaction.contact.create({ data: { ownerId, ...contact }, omit: { ownerId: true } })
      }),
    remove: (ownerId, contactId) =>
      inTurn(ownerId, async (transaction) =>
        removed(await transaction.contact.deleteMany({ where: { ownerId, contactId } })),
      ),
    block: (blockerId, { blockedId, createdAt }, most) =>
      inTurn(blockerId, async (transaction) => {
        const key = { blockerId, blockedId }
        if ((await transaction.block.findUnique({ where: { blockerId_blockedId: key } })) !== null) return 'done'
        if ((await transaction.block.count({ where: { blockerId } })) >= most) return 'full'
        await transaction.block.create({ data: { ...key, createdAt } })
        await transaction.contact.deleteMany({ where: { ownerId: blockerId, contactId: blockedId } })
        return 'done'
      }),
    unblock: (blockerId, blockedId) =>
      inTurn(blockerId, async (transaction) =>
        removed(await transaction.block.deleteMany({ where: { blockerId, blockedId } })),
      ),
  }
}

function beyond({ after }: Page, key: Prisma.Sql): Prisma.Sql {
  return after === null ? Prisma.empty : Prisma.sql`AND (${key}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`
}

function removed({ count }: { readonly count: number }): boolean {
  return count > 0
}

export interface StandingRow extends Standing {
  readonly userId: string
}

const standingRows: z.ZodType<readonly StandingRow[]> = z.array(
  z.object({ userId: z.string(), isContact: z.boolean(), isBlocked: z.boolean() }),
)

/** What each of these people has decided about the viewer; one row each, in any order, those with nothing decided left out. */
export async function readStandings(
  prisma: UserPrisma,
  viewerId: string,
  userIds: readonly string[],
): Promise<readonly StandingRow[]> {
  const ids = [...userIds]
  return standingRows.parse(
    await prisma.$queryRaw`
      SELECT user_id AS "userId", bool_or(is_contact) AS "isContact", bool_or(NOT is_contact) AS "isBlocked" FROM (
        SELECT owner_id AS user_id, true AS is_contact FROM contacts
        WHERE contact_id = ${viewerId}::uuid AND owner_id = ANY (${ids}::uuid[])
        UNION ALL
        SELECT blocker_id, false FROM blocks WHERE blocked_id = ${viewerId}::uuid AND blocker_id = ANY (${ids}::uuid[])
      ) decided GROUP BY user_id`,
  )
}
