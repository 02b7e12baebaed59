import type pg from 'pg'

export interface StatementCount {
  /** The SQL sent since the last reset, without BEGIN, COMMIT and their like. */
  readonly statements: readonly string[]
  reset(): void
  /** Stops counting. */
  restore(): void
}

const TRANSACTION_CONTROL = /^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|DEALLOCATE)\b/i

/**
 * Records every statement sent through a pool, by Prisma or by hand, inside and outside of transactions, so that a test
 * can tell one query for fifty rows from fifty queries.
 */
export function countStatements(pool: pg.Pool): StatementCount {
  const statements: string[] = []
  const restores: (() => void)[] = []
  const watch = (client: pg.ClientBase) => {
    const original = Reflect.get(client, 'query')
    const watched = (...given: unknown[]): unknown => {
      const text = textOf(given[0])
      if (!TRANSACTION_CONTROL.test(text)) statements.push(text)
      return Reflect.apply(original, client, given)
    }
    Reflect.set(client, 'query', watched)
    restores.push(() => Reflect.deleteProperty(client, 'query'))
  }
  const seen = new WeakSet<pg.PoolClient>()
  const onAcquire = (client: pg.PoolClient) => {
    if (seen.has(client)) return
    seen.add(client)
    watch(client)
  }
  pool.on('acquire', onAcquire)
  return {
    statements,
    reset: () => statements.splice(0),
    restore: () => {
      pool.off('acquire', onAcquire)
      for (const restore of restores) restore()
    },
  }
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query
  return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : ''
}
