/**
 * The audit log of identity. In: facts, within the transaction of what happened. Out: entries, each bound to the one before
 * by its hash. It refuses to name people: it knows pseudonyms, and seals what else is personal under a key that can be
 * thrown away.
 */
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { AuditFact } from '../domain/audit.js'
import type { AuthTransaction } from '../persistence/auth-prisma.js'
import { GENESIS, hashOf } from './audit-hash.js'
import type { StoredEntry } from './verify-chain.js'
import { createPerson, openPerson, sealDetails, type AuditPerson } from './audit-people.js'

export interface AuditChain {
  /**
   * Adds entries. To be called last in a transaction: from here to its end no other can add one, so that the chain has the
   * order in which things were committed.
   */
  write(transaction: AuthTransaction, at: Date, ...facts: readonly AuditFact[]): Promise<void>
}

const CHAIN_LOCK = 4_201 // of this schema alone: advisory locks are the database's

export function createAuditChain(cipher: EnvelopeCipher): AuditChain {
  return {
    async write(transaction, at, ...facts) {
      if (facts.length === 0) return
      const people = await peopleOf(transaction, facts, cipher)
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${CHAIN_LOCK}, hashtext(current_schema()))`
      const last = await transaction.auditEntry.findFirst({ orderBy: { sequence: 'desc' } })
      let [sequence, previousHash] = last === null ? [0n, GENESIS] : [last.sequence, new Uint8Array(last.hash)]
      const entries: StoredEntry[] = []
      for (const { action, actor, subjectId, details = {} } of facts) {
        sequence += 1n
        const subject = people.get(subjectId)
        if (subject === undefined) throw new Error('A fact has a subject the log does not know.')
        const entry = {
          sequence,
          at,
          action,
          actor: (actor.userId !== null && people.get(actor.userId)?.pseudonym) || null,
          subject: subject.pseudonym,
          sealedDetails: sealDetails(subject, sequence, { ...actor.device, details }),
          previousHash,
        }
        previousHash = hashOf(entry)
        entries.push({ ...entry, hash: previousHash })
      }
      await transaction.auditEntry.createMany({ data: entries })
    },
  }
}

/** Everybody the facts name, known or new. */
async function peopleOf(
  transaction: AuthTransaction,
  facts: readonly AuditFact[],
  cipher: EnvelopeCipher,
): Promise<ReadonlyMap<string, AuditPerson>> {
  const ids = new Set(
    facts.flatMap(({ actor, subjectId }) => [subjectId, ...(actor.userId === null ? [] : [actor.userId])]),
  )
  // in one order, so that two transactions that add the same people don't wait for each other
  const newcomers = [...ids].sort().map((userId) => {
    const { person, sealedKey } = createPerson(cipher, userId)
    return { userId, pseudonym: person.pseudonym, sealedKey }
  })
  const known = await transaction.auditPerson.findMany({ where: { userId: { in: [...ids] } } })
  if (known.length < ids.size) {
    await transaction.auditPerson.createMany({ data: newcomers, skipDuplicates: true })
  }
  const rows =
    known.length < ids.size ? await transaction.auditPerson.findMany({ where: { userId: { in: [...ids] } } }) : known
  return new Map(rows.map((row) => [row.userId, openPerson(cipher, row)]))
}
