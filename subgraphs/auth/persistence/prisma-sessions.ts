import { AppError } from '../../../platform/errors/app-error.js'
import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { sessionCreated } from '../../../schema/contracts/session-created.js'
import { sessionEnded } from '../../../schema/contracts/session-ended.js'
import type { LiveSessions } from '../domain/end-sessions.js'
import type { NewSessions } from '../domain/open-session.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { Actor, AuditFact } from '../domain/audit.js'
import type { Reauthentications } from '../domain/reauthenticate.js'
import type { Session } from '../domain/session.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { accountOf, liveAt, sessionOf } from './rows.js'

export interface PrismaSessions extends NewSessions, LiveSessions, Pick<Reauthentications, 'note'> {
  /** The live sessions of this user among these ids, in any order. */
  findMany(userId: string, ids: readonly string[], at: Date): Promise<readonly Session[]>
}

/** Sessions in Postgres. `committed` is called after a commit that wrote events. */
export function createPrismaSessions(prisma: AuthPrisma, audit: AuditChain, committed: () => void): PrismaSessions {
  return {
    async store(session, fingerprint, { maxPerUser, passwordVersion }) {
      const account = await prisma.$transaction(async (transaction) => {
        // the account's row is locked first: two sign-ins at once would both leave room for one
        const [row] = await transaction.account.updateManyAndReturn({
          where: { id: session.userId, deletedAt: null, lockedAt: null, passwordVersion },
          data: { lastLoginAt: session.createdAt },
        })
        if (row === undefined) return null
        const ended = await makeRoom(transaction, session, maxPerUser)
        await insert(transaction, session, fingerprint)
        await audit.write(transaction, session.createdAt, ...ended, openedFact(session))
        return accountOf(row)
      })
      committed()
      return account
    },
    async list(userId, at) {
      const rows = await prisma.session.findMany({
        where: { accountId: userId, ...liveAt(at) },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
      })
      return rows.map(sessionOf)
    },
    async findMany(userId, ids, at) {
      const rows = await prisma.session.findMany({
        where: { id: { in: [...ids] }, accountId: userId, ...liveAt(at) },
      })
      return rows.map(sessionOf)
    },
    async note(accountId, id, { methods, at }) {
      const [row] = await prisma.session.updateManyAndReturn({
        where: { id, accountId, ...liveAt(at), account: { deletedAt: null, lockedAt: null } },
        data: { methods: [...methods], authenticatedAt: at },
        include: { account: true },
      })
      return row === undefined ? null : { session: sessionOf(row), account: accountOf(row.account) }
    },
    async end(userId, at, by, named) {
      const which = named !== undefined && 'only' in named ? { ids: [named.only] } : named
      const ended = await prisma.$transaction((transaction) =>
        endSessions({ transaction, audit, by }, userId, at, which),
      )
      committed()
      return ended
    },
  }
}

/** Somebody who is not here: the service itself. */
export const nobody: Actor = { userId: null, device: { userAgent: null, ipAddress: null } }

export interface EndingSessions {
  readonly transaction: AuthTransaction
  readonly audit: AuditChain
  readonly by: Actor
}

interface WhichSessions {
  readonly ids?: readonly string[]
  readonly except?: string
  /** For the audit log. */
  readonly reason?: string
}

/** Throws AUTH_TOKEN_INVALID unless the session is live and its account not locked: a token may be minutes behind. */
export async function requireLiveSession(
  transaction: AuthTransaction,
  userId: string,
  id: string,
  at: Date,
): Promise<void> {
  const account = { deletedAt: null, lockedAt: null }
  const live = await transaction.session.count({ where: { id, accountId: userId, ...liveAt(at), account } })
  if (live === 0) throw new AppError('AUTH_TOKEN_INVALID')
}

/** Ends the user's live sessions, those named, all but one, or all: an event each, and the last entries of the transaction. */
export async function endSessions(
  { transaction, audit, by }: EndingSessions,
  userId: string,
  at: Date,
  which: WhichSessions = {},
): Promise<readonly Session[]> {
  const { sessions, facts } = await endWithFacts(transaction, userId, at, which, by)
  await audit.write(transaction, at, ...facts)
  return sessions
}

/** The same, for a caller that has more to write in the log. */
export async function endWithFacts(
  transaction: AuthTransaction,
  userId: string,
  at: Date,
  { ids, except, reason }: WhichSessions,
  by: Actor,
): Promise<{ readonly sessions: readonly Session[]; readonly facts: readonly AuditFact[] }> {
  const rows = await transaction.session.updateManyAndReturn({
    where: {
      accountId: userId,
      ...liveAt(at),
      ...(ids !== undefined && { id: { in: [...ids] } }),
      ...(except !== undefined && { id: { not: except } }),
    },
    data: { endedAt: at },
  })
  const events = rows.map((row) =>
    createEventRow(sessionEnded, { sessionId: row.id, userId }, { actorId: userId, now: at }),
  )
  if (events.length > 0) await writeToOutbox(transaction, ...events)
  const facts = rows.map(({ id: sessionId }): AuditFact => ({
    action: 'session.ended',
    actor: by,
    subjectId: userId,
    details: { sessionId, ...(reason !== undefined && { reason }) },
  }))
  return { sessions: rows.map(sessionOf), facts }
}

/** Drops sessions that are over for good, and ends those above the limit. */
async function makeRoom(
  transaction: AuthTransaction,
  { userId, createdAt: at, userAgent, ipAddress }: Session,
  maxPerUser: number,
): Promise<readonly AuditFact[]> {
  await transaction.session.deleteMany({ where: { accountId: userId, endsAt: { lte: at } } })
  const surplus = await transaction.session.findMany({
    where: { accountId: userId, ...liveAt(at) },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'asc' }],
    skip: maxPerUser - 1,
    select: { id: true },
  })
  if (surplus.length === 0) return []
  const which = { ids: surplus.map(({ id }) => id), reason: 'too-many-sessions' }
  return (await endWithFacts(transaction, userId, at, which, { userId, device: { userAgent, ipAddress } })).facts
}

function openedFact({ id: sessionId, userId, userAgent, ipAddress, authentication }: Session): AuditFact {
  return {
    action: 'session.opened',
    actor: { userId, device: { userAgent, ipAddress } },
    subjectId: userId,
    details: { sessionId, methods: authentication.methods },
  }
}

async function insert(transaction: AuthTransaction, session: Session, fingerprint: Uint8Array<ArrayBuffer>) {
  const { id: sessionId, userId, createdAt: now, authentication, ...rest } = session
  await transaction.session.create({
    data: {
      id: sessionId,
      accountId: userId,
      createdAt: now,
      ...rest,
      methods: [...authentication.methods],
      authenticatedAt: authentication.at,
      refreshTokens: { create: { fingerprint, createdAt: now } },
    },
  })
  await writeToOutbox(transaction, createEventRow(sessionCreated, { sessionId, userId }, { actorId: userId, now }))
}
