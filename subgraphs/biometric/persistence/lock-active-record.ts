import type { Transaction } from './biometric-prisma.js'

/**
 * Holds an active record of the user's against being retired until the transaction ends; false when there is none. Whoever
 * retires it afterwards sees the sessions this transaction has made, and ends them.
 */
export async function lockActiveRecord(transaction: Transaction, id: string, userId: string): Promise<boolean> {
  const rows: unknown[] = await transaction.$queryRaw`
    SELECT 1 FROM biometric_records
    WHERE id = ${id}::uuid AND user_id = ${userId}::uuid AND is_active
    FOR SHARE`
  return rows.length === 1
}
