import type { UserPrisma, UserTransaction } from './user-prisma.js'

/**
 * Runs work in one transaction and wakes the outbox relay after the commit. `limits`, in milliseconds, in place of the usual: for
 * a connection, and for the work.
 */
export type Transact = <Result>(
  work: (transaction: UserTransaction) => Promise<Result>,
  limits?: { readonly maxWait: number; readonly timeout: number },
) => Promise<Result>

export function createTransact(prisma: UserPrisma, wake: () => void): Transact {
  return async (work, limits) => {
    const result = await prisma.$transaction(work, limits)
    wake()
    return result
  }
}
