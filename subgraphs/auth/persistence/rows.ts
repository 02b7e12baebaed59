import { z } from 'zod'
import type { Account } from '../domain/account.js'
import { hasSecondFactor } from '../domain/second-factors.js'
import type { Session } from '../domain/session.js'
import type { Prisma } from '../generated/prisma/client.js'

const storedMethods = z.array(z.enum(['pwd', 'otp', 'sms', 'pop', 'fed']))

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

/** What tells whether an account has a second factor, as a selection of its row. */
export const withSecondFactors = {
  totpFactor: { select: { confirmedAt: true } },
  phone: { select: { accountId: true } },
  _count: { select: { passkeys: true } },
} as const

export interface SecondFactorRow {
  readonly totpFactor: { readonly confirmedAt: Date | null } | null
  readonly phone: { readonly accountId: string } | null
  readonly _count: { readonly passkeys: number }
}

/** Whether a password alone does not sign in. */
export function hasSecondFactorIn({ totpFactor, phone, _count }: SecondFactorRow): boolean {
  const hasTotp = totpFactor !== null && totpFactor.confirmedAt !== null
  return hasSecondFactor({ hasTotp, hasPhone: phone !== null, passkeys: _count.passkeys })
}

/** What a live session is, as a condition. */
export function liveAt(at: Date) {
  return { endedAt: null, expiresAt: { gt: at } }
}
