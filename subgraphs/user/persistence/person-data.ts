/**
 * Everything this service keeps of one person. In: their id. Out: none of it left. It refuses to know why: the erasure of an
 * account across services stands elsewhere and calls here.
 */
import { eraseRows } from '../../../platform/personal-data/personal-data-plan.js'
import { personalData } from './personal-data.js'
import type { UserTransaction } from './user-prisma.js'

/**
 * Removes what is kept of a person: theirs, and what others keep about them. Does nothing the second time. Call it in the
 * transaction that notes the erasure, and forget the cached profile after the commit.
 */
export async function erasePerson(transaction: UserTransaction, userId: string): Promise<void> {
  await eraseRows(transaction, personalData, userId)
}
