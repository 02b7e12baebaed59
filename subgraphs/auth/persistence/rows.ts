import { z } from 'zod'
import type { Account } from '../domain/account.js'
import type { Session } from '../domain/session.js'
import type { Prisma } from '../generated/prisma/client.js'

const storedMethods = z.array(z.enum(['pwd', 'otp']))

type AccountRow = Prisma.AccountGetPayload<object>
type SessionRow = Prisma.SessionGetPayload<object>

/** An account as the domain knows it: without its password. */
export function accountOf({ id, email, emailVerifiedAt, role, lockedAt, createdAt, lastLoginAt }: AccountRow): Account {
  return { id, email, isEmailVerified: emailVerifiedAt !== null, role, lockedAt, createdAt, lastLoginAt }
}

export function sessionOf(row: SessionRow): Session {
  const { id, accountId: userId, createdAt, lastSeenAt, expiresAt, endsAt, userAgent, ipAddress } = row
  const authentication = { methods: storedMethods.parse(row.methods), at: row.authenticatedAt }
  return { id, userId, createdAt, lastSeenAt, expiresAt, endsAt, userAgent, ipAddress, authentication }
}

/** What a live session is, as a condition. */
export function liveAt(at: Date) {
  return { endedAt: null, expiresAt: { gt: at } }
}
