/**
 * Where a service keeps what is personal, table by table, and what becomes of it when the person is erased. A test holds
 * every plan against the tables there are: one that is neither named here nor emptied by a foreign key fails it.
 */
import type { PersonalDataTransaction } from './erased-people.js'

export type ErasureRule =
  | {
      /**
       * Rows go in which one of these columns (of type uuid) is the person's id, and with them what hangs on them by ON DELETE
       * CASCADE. A trigger `refuse_erased_person` with the same columns keeps new ones away.
       */
      readonly delete: readonly string[]
    }
  | {
      /** Nothing is deleted by the plan. */
      readonly keep: string
    }

/** By name of the table, in the order they are emptied. */
export type PersonalDataPlan = Readonly<Record<string, ErasureRule>>

/** What every service has, and nobody's data stays in. */
export const machineTables: PersonalDataPlan = {
  outbox_events: { keep: 'events leave within seconds; they name people by id' },
  inbox_events: { keep: 'ids of events' },
  erased_people: { keep: 'hashes, so that nothing late brings somebody back' },
  _prisma_migrations: { keep: 'the history of the schema' },
}

const NAME = /^[a-z_]+$/

/** Deletes a person's rows as the plan says. Returns how many, those that went with others not counted. */
export async function eraseRows(
  transaction: PersonalDataTransaction,
  plan: PersonalDataPlan,
  personId: string,
): Promise<number> {
  let count = 0
  for (const [table, rule] of Object.entries(plan)) {
    if (!('delete' in rule)) continue
    if (![table, ...rule.delete].every((name) => NAME.test(name))) throw new TypeError(`'${table}' is badly named.`)
    const isTheirs = rule.delete.map((column) => `"${column}" = $1::uuid`).join(' OR ')
    count += await transaction.$executeRawUnsafe(`DELETE FROM "${table}" WHERE ${isTheirs}`, personId)
  }
  return count
}
