import { createSecretToken, fingerprintOfToken } from '../../../platform/crypto/secret-token.js'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Erasure } from './erasure.js'

export interface NewErasure {
  readonly id: string
  readonly userId: string
  /** SHA-256 of the receipt. */
  readonly receiptFingerprint: Uint8Array<ArrayBuffer>
  readonly requestedAt: Date
  readonly dueAt: Date
}

export interface Erasures {
  /** Stores it and, where its time has come, asks the first services, all or nothing. Null when the person has an open one. */
  open(erasure: NewErasure): Promise<Erasure | null>
  /** Cancels the person's erasure where it has not begun. Null when there is none such. */
  cancel(userId: string, at: Date): Promise<Erasure | null>
  /** The one this receipt was given for. */
  find(id: string, receiptFingerprint: Uint8Array<ArrayBuffer>): Promise<Erasure | null>
}

export interface EraseAccountDependencies {
  readonly erasures: Erasures
  /** How long an erasure can be cancelled before it begins, in milliseconds. */
  readonly graceMs: number
  readonly now: () => Date
  readonly newId: () => string
}

export interface ErasureReceipt {
  readonly erasure: Erasure
  /** Proves, when its owner can't sign in any more, that they may know how it went. */
  readonly receipt: string
}

/** What people do about their own erasure. */
export function createEraseAccount({ erasures, graceMs, now, newId }: EraseAccountDependencies) {
  return {
    /**
     * Has the person erased. Throws RES_CONFLICT while an erasure of theirs is open, and for superadmins: somebody has to be
     * left who can do what they can.
     */
    async begin(userId: string, roles: readonly string[]): Promise<ErasureReceipt> {
      if (roles.includes('superadmin')) {
        throw new AppError('RES_CONFLICT', {
          message: 'A superadmin is not erased: let another one give you a lesser role first, then sign in again.',
        })
      }
      const { token: receipt, fingerprint } = createSecretToken()
      const requestedAt = now()
      const dueAt = new Date(requestedAt.getTime() + graceMs)
      const opened = await erasures.open({ id: newId(), userId, receiptFingerprint: fingerprint, requestedAt, dueAt })
      if (opened !== null) return { erasure: opened, receipt }
      throw new AppError('RES_CONFLICT', {
        message: 'Your erasure is under way or scheduled already: the receipt you were given then tells how it goes.',
      })
    },
    /** Throws RES_NOT_FOUND when nothing is left to cancel. */
    async cancel(userId: string): Promise<Erasure> {
      const cancelled = await erasures.cancel(userId, now())
      if (cancelled !== null) return cancelled
      throw new AppError('RES_NOT_FOUND', { message: 'No erasure of yours is scheduled; one that has begun goes on.' })
    },
    find: (id: string, receipt: string): Promise<Erasure | null> => erasures.find(id, fingerprintOfToken(receipt)),
  }
}

export type EraseAccount = ReturnType<typeof createEraseAccount>
