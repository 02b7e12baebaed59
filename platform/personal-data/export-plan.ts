/**
 * What a service gives out when a person asks for a copy of their data, table by table and column by column. A test holds every
 * plan against the tables and columns there are: one that is neither given nor withheld with a reason fails it.
 */
import { z } from 'zod'
import type { ExportLine } from './export-lines.js'
import { machineTables } from './personal-data-plan.js'

export type ExportRule =
  | {
      /** The name of the section in the archive. */
      readonly section: string
      /** The columns given out, in their order. */
      readonly give: readonly string[]
      /** The other columns, each with why it stays. */
      readonly withhold?: Readonly<Record<string, string>>
      /** An SQL condition that holds for the rows of the person `$1::uuid` alone. */
      readonly whose: string
      /** A column or several, unique together, by which rows are read. */
      readonly orderBy: string
    }
  | {
      /** Why nothing of the table is given out. */
      readonly withhold: string
    }

/** By name of the table. */
export type ExportPlan = Readonly<Record<string, ExportRule>>

/** What every service has and nobody is given. */
export const machineTablesWithheld: ExportPlan = Object.fromEntries(
  Object.keys(machineTables).map((table) => [table, { withhold: 'nothing about a person but ids, for moments' }]),
)

/** What this needs of a transaction: Prisma's transaction client fits. */
export interface ReadingTransaction {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
  $executeRawUnsafe(query: string, ...values: unknown[]): PromiseLike<number>
}

const PAGE = 50
const page = z.array(z.object({ row: z.record(z.string(), z.json()) }))

/**
 * A person's data as lines, a page of rows at a time, as Postgres writes rows in JSON: times in ISO 8601. Of one moment where
 * the transaction is REPEATABLE READ. One at a time in a transaction: it reads by a cursor of its own.
 */
export async function* readExport(
  transaction: ReadingTransaction,
  plan: ExportPlan,
  personId: string,
): AsyncGenerator<ExportLine> {
  for (const [table, rule] of Object.entries(plan)) {
    if (!('section' in rule)) continue
    yield { section: rule.section, columns: [...rule.give] }
    const columns = rule.give.map((column) => `"${column}"`).join(', ')
    const rows = `SELECT ${columns} FROM "${table}" WHERE ${rule.whose} ORDER BY ${rule.orderBy}`
    await transaction.$executeRawUnsafe(
      `DECLARE export_rows NO SCROLL CURSOR FOR SELECT to_jsonb(r) AS row FROM (${rows}) r`,
      personId,
    )
    for (;;) {
      const found = page.parse(await transaction.$queryRawUnsafe(`FETCH ${PAGE} FROM export_rows`))
      yield* found
      if (found.length < PAGE) break
    }
    await transaction.$executeRawUnsafe('CLOSE export_rows')
  }
}
