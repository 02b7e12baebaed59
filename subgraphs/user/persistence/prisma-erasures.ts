import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { createSecretToken } from '../../../platform/crypto/secret-token.js'
import { isUniqueViolation } from '../../../platform/database/translate-database-errors.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import type { Erasures } from '../domain/erase-account.js'
import { unansweredOf, type Erasure } from '../domain/erasure.js'
import { erasureProgressEvent, erasureRequestedEvent } from '../events/privacy-events.js'
import type { ErasureAcknowledgement, Erasure as ErasureRow } from '../generated/prisma/client.js'
import type { Transact } from './transact.js'
import type { UserPrisma, UserTransaction } from './user-prisma.js'

export type StoredErasure = ErasureRow & { readonly acknowledgements: readonly ErasureAcknowledgement[] }

const OPEN = { in: ['SCHEDULED' as const, 'ERASING' as const] }
const withAnswers = { include: { acknowledgements: { orderBy: { acknowledgedAt: 'asc' as const } } } }

/** Erasures in Postgres: a step and the events of it are one transaction. */
export function createPrismaErasures(prisma: UserPrisma, transact: Transact): Erasures {
  return {
    async open({ id, userId, receiptFingerprint, requestedAt, dueAt }) {
      const data = { id, userId, receiptFingerprint, requestedAt, dueAt, state: 'SCHEDULED' as const }
      try {
        return await transact(async (transaction) => {
          const row = await transaction.erasure.create({ data, ...withAnswers })
          return dueAt > requestedAt ? tell(transaction, row, requestedAt) : ask(transaction, row, requestedAt)
        })
      } catch (error) {
        if (isUniqueViolation(error)) return null
        throw error
      }
    },
    cancel: (userId, at) =>
      transact(async (transaction) => {
        const [cancelled] = await transaction.erasure.updateManyAndReturn({
          where: { userId, state: 'SCHEDULED' },
          data: { state: 'CANCELLED', endedAt: at, userId: null },
        })
        return cancelled === undefined ? null : tell(transaction, { ...cancelled, acknowledgements: [] }, at)
      }),
    find: (id, receiptFingerprint) => prisma.erasure.findFirst({ where: { id, receiptFingerprint }, ...withAnswers }),
  }
}

/** Locks an erasure that is not at its end until the transaction is. Null when there is none such. */
export async function lockOpenErasure(transaction: UserTransaction, id: string): Promise<StoredErasure | null> {
  await transaction.$queryRaw`SELECT 1 FROM erasures WHERE id = ${id}::uuid FOR UPDATE`
  return transaction.erasure.findFirst({ where: { id, state: OPEN }, ...withAnswers })
}

/**
 * Asks, for the first time or again, whoever is to be asked now; where everybody has answered, that is its end, and with it
 * goes the person's id.
 */
export async function ask(transaction: UserTransaction, erasure: StoredErasure, at: Date): Promise<Erasure> {
  const services = unansweredOf(erasure)
  if (services.length === 0 || erasure.userId === null) {
    const data = { state: 'COMPLETED' as const, endedAt: at, userId: null }
    return tell(transaction, await transaction.erasure.update({ where: { id: erasure.id }, data, ...withAnswers }), at)
  }
  const data = { state: 'ERASING' as const, askedAt: at }
  const asked = await transaction.erasure.update({ where: { id: erasure.id }, data, ...withAnswers })
  await writeToOutbox(transaction, erasureRequestedEvent({ id: erasure.id, userId: erasure.userId }, services, at))
  return erasure.state === 'ERASING' ? asked : tell(transaction, asked, at)
}

/** Begins at once an erasure that somebody else ordered. One that is scheduled begins now; nothing changes one under way. */
export async function openOrdered(
  transaction: UserTransaction,
  order: { readonly id: string; readonly userId: string; readonly receiptFingerprint: Uint8Array<ArrayBuffer> },
  at: Date,
): Promise<void> {
  const { userId } = order
  if (await isErased(transaction, userId)) return
  const data = { ...order, requestedAt: at, dueAt: at, state: 'SCHEDULED' as const }
  await transaction.erasure.createMany({ data: [data], skipDuplicates: true })
  const open = await transaction.erasure.findFirst({ where: { userId, state: 'SCHEDULED' }, ...withAnswers })
  if (open !== null) await ask(transaction, open, at)
}

/**
 * Begins the erasure of those who hid themselves before then and have not come back. Its receipt is nobody's. Superadmins stay, as
 * with every erasure, and so does somebody whose role auth has not told yet.
 */
export async function openForgone(transaction: UserTransaction, at: Date, deletedBefore: Date): Promise<void> {
  const gone = await transaction.$queryRaw<{ readonly userId: string }[]>`
    SELECT user_id AS "userId" FROM profiles p
    WHERE deleted_by = 'SELF' AND deleted_at <= ${deletedBefore}::timestamptz AND role <> 'superadmin'
      AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.user_id = p.user_id)
    ORDER BY deleted_at LIMIT 20 FOR UPDATE OF p SKIP LOCKED`
  for (const { userId } of gone) {
    const { fingerprint: receiptFingerprint } = createSecretToken()
    await openOrdered(transaction, { id: crypto.randomUUID(), userId, receiptFingerprint }, at)
  }
}

/** Notes a service's answer. One that comes twice, or after the end, changes nothing. */
export async function acknowledge(
  transaction: UserTransaction,
  { erasureId, service, rows }: { readonly erasureId: string; readonly service: string; readonly rows: number },
  at: Date,
): Promise<void> {
  const erasure = await lockOpenErasure(transaction, erasureId)
  if (erasure === null || !unansweredOf(erasure).includes(service)) return
  await transaction.erasureAcknowledgement.create({ data: { erasureId, service, rows, acknowledgedAt: at } })
  const answered = await transaction.erasure.findUniqueOrThrow({ where: { id: erasureId }, ...withAnswers })
  await tell(transaction, answered, at)
  const isNextRound = unansweredOf(answered).every((next) => !unansweredOf(erasure).includes(next))
  if (isNextRound) await ask(transaction, answered, at)
}

/** Erasures whose time has come, and those that wait for an answer since before `askedBefore`. Others' are left to them. */
export async function takeDue(
  transaction: UserTransaction,
  at: Date,
  askedBefore: Date,
): Promise<readonly StoredErasure[]> {
  const due = await transaction.$queryRaw<{ readonly id: string }[]>`
    SELECT id FROM erasures
    WHERE (state = 'SCHEDULED' AND due_at <= ${at}::timestamptz)
       OR (state = 'ERASING' AND asked_at <= ${askedBefore}::timestamptz)
    ORDER BY due_at LIMIT 20 FOR UPDATE SKIP LOCKED`
  return transaction.erasure.findMany({ where: { id: { in: due.map(({ id }) => id) } }, ...withAnswers })
}

async function tell(transaction: UserTransaction, erasure: StoredErasure, at: Date): Promise<Erasure> {
  await writeToOutbox(transaction, erasureProgressEvent(erasure, at))
  return erasure
}
