import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricRecord } from './biometric-record.js'

/** Both end the record's open verifications as cancelled, in the same transaction. Null or false for a record that is not the user's. */
export interface RetirableRecords {
  deactivate(id: string, userId: string, now: Date): Promise<BiometricRecord | null>
  /** Removes the record, its template and the hashes of its probes. */
  remove(id: string, userId: string, now: Date): Promise<boolean>
}

interface RetirementParts {
  readonly records: RetirableRecords
  readonly now: () => Date
}

/** Takes a record out of use; doing so again changes nothing. Throws RES_NOT_FOUND. */
export function createDeactivateBiometric({ records, now }: RetirementParts) {
  return async (id: string, userId: string): Promise<BiometricRecord> => {
    const record = await records.deactivate(id, userId, now())
    if (record === null) throw new AppError('RES_NOT_FOUND')
    return record
  }
}

/** Deletes a record and its template for good, and gives back its id. Throws RES_NOT_FOUND. */
export function createDeleteBiometric({ records, now }: RetirementParts) {
  return async (id: string, userId: string): Promise<string> => {
    if (!(await records.remove(id, userId, now()))) throw new AppError('RES_NOT_FOUND')
    return id
  }
}
