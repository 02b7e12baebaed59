import type { Transaction } from './biometric-prisma.js'

/**
 * Holds active records of the user's against being retired until the transaction ends; false when one is none. Whoever
 * retires one afterwards sees the sessions this transaction has made, and ends them.
 */
export async function lockActiveRecords(
  transaction: Transaction,
  ids: readonly string[],
  userId: string,
): Promise<boolean> {
  const rows: unknown[] = await transaction.$queryRaw`
    SELECT 1 FROM biometric_records
    WHERE id = ANY(${ids}::uuid[]) AND user_id = ${userId}::uuid AND is_active
    ORDER BY id
    FOR SHARE`
  return rows.length === ids.length
}
