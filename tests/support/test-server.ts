import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.js'
import { createLogger } from '../../platform/log/logger.js'

export interface TestServer {
  /** Any database of it; the user may create others. */
  readonly url: string
  close(): Promise<void>
}

/**
 * A real Postgres for tests: DATABASE_URL, else the one on localhost:5432 where the current user may create databases,
 * else an embedded one, made for this call and removed when it is closed.
 */
export async function openTestServer(): Promise<TestServer> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, close: async () => {} }
  const local = `postgresql://${encodeURIComponent(userInfo().username)}@127.0.0.1:5432/postgres`
  if (await mayCreateDatabases(local)) return { url: local, close: async () => {} }
  return openTemporaryServer()
}

async function openTemporaryServer(): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'test-postgres-'))
  const logger = createLogger({ service: 'tests', level: 'silent' })
  const server = await openEmbeddedPostgres({ folder, logger })
  return {
    url: server.url,
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function mayCreateDatabases(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {}) // the answer is no
  try {
    await client.connect()
    const { rows } = await client.query<{ may: boolean }>(
      'SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
    )
    return rows[0]?.may === true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
