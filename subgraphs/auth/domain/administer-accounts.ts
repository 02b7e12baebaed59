import { createSecretToken } from '../../../platform/crypto/secret-token.js'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Account } from './account.js'
import type { Actor } from './audit.js'
import type { LoginAttempts } from './login-attempts.js'
import { normaliseEmail, type EmailAddress } from './email-address.js'
import type { PasswordHasher } from './password-hasher.js'
import { mayGrant, type Role } from '../../../platform/identity/roles.js'

/** One account, with nobody else changing its role or lock meanwhile. */
export interface AdministeredAccount {
  readonly account: Account
  /** What guesses at it are counted by. */
  readonly signInKey: string
  /** Sets the role and ends every session, whose tokens carry the old one. */
  setRole(role: Role): Promise<Account>
  /** Locks it and ends every session. */
  lock(reason: string): Promise<Account>
  unlock(): Promise<Account>
  /**
   * Removes app, passkeys, recovery codes and phone, but for a phone whose number the account is found by, ends every session,
   * and notes a mail about it.
   */
  resetFactors(reason: string): Promise<Account>
  /** Tells `user.erasure-ordered`: the erasure of the person from every service begins. */
  orderErasure(order: ErasureOrder): Promise<void>
}

/** An erasure that an administrator has ordered. */
export interface ErasureOrder {
  readonly id: string
  /** SHA-256 of the receipt. */
  readonly receiptFingerprint: Uint8Array
  /** Why, for the audit log. */
  readonly reason: string
}

/** What lets an administrator follow an erasure they ordered. */
export interface OrderedErasure {
  readonly id: string
  readonly receipt: string
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
  /**
   * Runs `work` in a transaction that is committed when it resolves, and written down as done by `by`. Null when there is no such account.
   * `own` is the role the administrator has now, which a token may be minutes behind: AUTH_TOKEN_INVALID where their session has
   * ended or their account is locked.
   */
  withAccount<T>(
    userId: string,
    by: Administrator,
    at: Date,
    work: (administered: AdministeredAccount, own: Role) => Promise<T>,
  ): Promise<T | null>
  /**
   * Stores the account after `allow` has had its say on the role the administrator has now, tells `user.registered` and notes a mail by which its owner chooses a password, all or nothing. Null
   * when the address is taken.
   */
  add(account: NewAccountByHand, by: Administrator, at: Date, allow: (own: Role) => void): Promise<Account | null>
}

export interface AdministerAccountsDependencies {
  readonly administration: Administration
  readonly attempts: Pick<LoginAttempts, 'clear'>
  readonly hasher: PasswordHasher
  readonly now: () => Date
  readonly newId: () => string
}

/** Somebody with `admin:users`, by their token. */
export interface Administrator extends Actor {
  readonly userId: string
  readonly sessionId: string
}

/**
 * What administrators do to accounts. Nobody acts on themselves, on somebody above them, or grants more than they have;
 * so one superadmin is always left, the one who acts. Throws AUTHZ_FORBIDDEN saying which, RES_NOT_FOUND, RES_ALREADY_EXISTS.
 */
export function createAdministerAccounts(dependencies: AdministerAccountsDependencies) {
  const { administration, attempts, hasher, now, newId } = dependencies

  const onOther = async <Result>(
    by: Administrator,
    userId: string,
    work: (administered: AdministeredAccount, own: Role) => Promise<Result>,
  ): Promise<Result> => {
    if (userId === by.userId)
      throw new AppError('AUTHZ_FORBIDDEN', { message: 'You can not do this to your own account.' })
    const changed = await administration.withAccount(userId, by, now(), (administered, own) => {
      refuseAbove(own, administered.account.role)
      return work(administered, own)
    })
    if (changed === null) throw new AppError('RES_NOT_FOUND')
    return changed
  }

  return {
    setRole: (by: Administrator, userId: string, role: Role) =>
      onOther(by, userId, async (administered, own) => {
        refuseAbove(own, role)
        if (administered.account.role === role) return administered.account
        return administered.setRole(role)
      }),
    lock: (by: Administrator, userId: string, reason: string) =>
      onOther(by, userId, async (administered) => {
        if (administered.account.lockedAt !== null) return administered.account
        return administered.lock(reason)
      }),
    /** Ends also the lock that guesses have brought; how many there were lately stays counted. */
    async unlock(by: Administrator, userId: string): Promise<Account> {
      const { account, signInKey } = await onOther(by, userId, async (administered) => {
        const isLocked = administered.account.lockedAt !== null
        return { ...administered, account: isLocked ? await administered.unlock() : administered.account }
      })
      await attempts.clear(signInKey)
      return account
    },
    /** For somebody who has lost their second factor, and whom the administrator knows by other means. */
    resetFactors: (by: Administrator, userId: string, reason: string) =>
      onOther(by, userId, (administered) => administered.resetFactors(reason)),
    /** Has somebody erased from every service. */
    erase: (by: Administrator, userId: string, reason: string): Promise<OrderedErasure> =>
      onOther(by, userId, async (administered) => {
        const { token: receipt, fingerprint: receiptFingerprint } = createSecretToken()
        const id = newId()
        await administered.orderErasure({ id, receiptFingerprint, reason })
        return { id, receipt }
      }),
    /** Opens an account for somebody, who is mailed a link to choose a password. */
    async create(by: Administrator, emailAsTyped: string, displayName: string, role: Role): Promise<Account> {
      const passwordHash = await hasher.admit((hashing) => hashing.hash(newId() + newId()))
      const account = { id: newId(), email: normaliseEmail(emailAsTyped), passwordHash, displayName, role }
      const created = await administration.add(account, by, now(), (own) => refuseAbove(own, role))
      if (created === null) throw new AppError('RES_ALREADY_EXISTS')
      return created
    },
  }
}

export type AdministerAccounts = ReturnType<typeof createAdministerAccounts>

function refuseAbove(own: Role, role: Role): void {
  if (mayGrant(own, role)) return
  throw new AppError('AUTHZ_FORBIDDEN', { message: `The role ${role} is above yours.` })
}
