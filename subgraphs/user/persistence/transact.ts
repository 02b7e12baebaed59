import type { UserPrisma, UserTransaction } from './user-prisma.js'

/** Runs work in one transaction and wakes the outbox relay after the commit. */
export type Transact = <Result>(work: (transaction: UserTransaction) => Promise<Result>) => Promise<Result>

export function createTransact(prisma: UserPrisma, wake: () => void): Transact {
  return async (work) => {
    const result = await prisma.$transaction(work)
    wake()
    return result
  }
}
