import { AppError } from '../../../platform/errors/app-error.js'
import type { Account } from './account.js'
import type { Actor } from './audit.js'
import { normaliseEmail, type EmailAddress } from './email-address.js'
import type { PasswordHasher } from './password-hasher.js'
import { mayGrant, type Role } from './roles.js'

/** One account, with nobody else changing its role or lock meanwhile. */
export interface AdministeredAccount {
  readonly account: Account
  /** Whether no other superadmin is left who is not locked. */
  isLastSuperadmin(): Promise<boolean>
  /** Sets the role and ends every session, whose tokens carry the old one. */
  setRole(role: Role): Promise<Account>
  /** Locks it and ends every session. */
  lock(reason: string): Promise<Account>
  unlock(): Promise<Account>
}

export interface NewAccountByHand {
  readonly id: string
  readonly email: EmailAddress
  /** Of a password that nobody knows. */
  readonly passwordHash: string
  readonly displayName: string
  readonly role: Role
}

export interface Administration {
  /** Runs `work` in a transaction that is committed when it resolves, and written down as done by `actor`. Null when there is no such account. */
  withAccount<T>(
    userId: string,
    actor: Actor,
    at: Date,
    work: (administered: AdministeredAccount) => Promise<T>,
  ): Promise<T | null>
  /**
   * Stores the account, tells `user.registered` and notes a mail by which its owner chooses a password, all or nothing. Null
   * when the address is taken.
   */
  add(account: NewAccountByHand, actor: Actor, at: Date): Promise<Account | null>
}

export interface AdministerAccountsDependencies {
  readonly administration: Administration
  readonly hasher: PasswordHasher
  readonly now: () => Date
  readonly newId: () => string
}

/** Somebody with `admin:users`, by the roles in their token. */
export interface Administrator extends Actor {
  readonly userId: string
  readonly roles: readonly string[]
}

/**
 * What administrators do to accounts. Nobody acts on themselves, on somebody above them, or grants more than they have; the
 * last superadmin stays one. Throws AUTHZ_FORBIDDEN saying which, RES_NOT_FOUND, RES_ALREADY_EXISTS.
 */
export function createAdministerAccounts(dependencies: AdministerAccountsDependencies) {
  const { administration, hasher, now, newId } = dependencies

  const onOther = async (
    by: Administrator,
    userId: string,
    work: (administered: AdministeredAccount) => Promise<Account>,
  ): Promise<Account> => {
    if (userId === by.userId)
      throw new AppError('AUTHZ_FORBIDDEN', { message: 'You can not do this to your own account.' })
    const changed = await administration.withAccount(userId, by, now(), (administered) => {
      refuseAbove(by, administered.account.role)
      return work(administered)
    })
    if (changed === null) throw new AppError('RES_NOT_FOUND')
    return changed
  }

  return {
    setRole: (by: Administrator, userId: string, role: Role) =>
      onOther(by, userId, async (administered) => {
        refuseAbove(by, role)
        if (administered.account.role === role) return administered.account
        await refuseLastSuperadmin(administered)
        return administered.setRole(role)
      }),
    lock: (by: Administrator, userId: string, reason: string) =>
      onOther(by, userId, async (administered) => {
        if (administered.account.lockedAt !== null) return administered.account
        await refuseLastSuperadmin(administered)
        return administered.lock(reason)
      }),
    unlock: (by: Administrator, userId: string) =>
      onOther(by, userId, async (administered) =>
        administered.account.lockedAt === null ? administered.account : administered.unlock(),
      ),
    /** Opens an account for somebody, who is mailed a link to choose a password. */
    async create(by: Administrator, emailAsTyped: string, displayName: string, role: Role): Promise<Account> {
      refuseAbove(by, role)
      const passwordHash = await hasher.admit((hashing) => hashing.hash(newId() + newId()))
      const account = { id: newId(), email: normaliseEmail(emailAsTyped), passwordHash, displayName, role }
      const created = await administration.add(account, by, now())
      if (created === null) throw new AppError('RES_ALREADY_EXISTS')
      return created
    },
  }
}

export type AdministerAccounts = ReturnType<typeof createAdministerAccounts>

function refuseAbove(by: Administrator, role: Role): void {
  if (mayGrant(by.roles, role)) return
  throw new AppError('AUTHZ_FORBIDDEN', { message: `The role ${role} is above yours.` })
}

async function refuseLastSuperadmin(administered: AdministeredAccount): Promise<void> {
  if (administered.account.role !== 'superadmin' || !(await administered.isLastSuperadmin())) return
  throw new AppError('AUTHZ_FORBIDDEN', { message: 'This is the last superadmin: make another one first.' })
}
