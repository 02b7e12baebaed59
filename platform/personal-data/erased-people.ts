/**
 * Who was erased from a service. In: a person's id, within a transaction. Out: whether they were, and a lock under which
 * nobody writes about them. It keeps no id: SHA-256 of one tells nobody who it was who does not have the id already, which
 * is 122 random bits. The tables' triggers (`refuse_erased_person`, in each service's migrations) read the same rows under
 * the same lock, so that no way of writing goes round it.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What this needs of a transaction: Prisma's transaction client of a schema with the ErasedPerson model fits. */
export interface PersonalDataTransaction {
  $queryRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<unknown>
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>
  $executeRawUnsafe(query: string, ...values: unknown[]): PromiseLike<number>
}

/** SHA-256 of a person's id in text, as the triggers compute it. */
export function fingerprintOf(personId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(personId).digest())
}

const rows = z.array(z.object({ erased: z.boolean() }))

/**
 * Whether the person was erased; false holds until the transaction ends, since their erasure waits for it. For whoever is
 * told late of somebody and would rather know than fail.
 */
export async function isErased(transaction: PersonalDataTransaction, personId: string): Promise<boolean> {
  await transaction.$executeRaw`
    SELECT pg_advisory_xact_lock_shared(hashtextextended('erasure of ' || ${personId}::text, hashtext(current_schema())))`
  const found = await transaction.$queryRaw`
    SELECT EXISTS (SELECT 1 FROM erased_people WHERE fingerprint = ${fingerprintOf(personId)}) AS erased`
  return rows.parse(found)[0]?.erased ?? false
}

/** Notes that the person is erased, once everybody who is writing about them has finished. To be called first. */
export async function buryPerson(transaction: PersonalDataTransaction, personId: string, at: Date): Promise<void> {
  await transaction.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('erasure of ' || ${personId}::text, hashtext(current_schema())))`
  await transaction.$executeRaw`
    INSERT INTO erased_people (fingerprint, erased_at) VALUES (${fingerprintOf(personId)}, ${at}::timestamptz)
    ON CONFLICT (fingerprint) DO NOTHING`
}
