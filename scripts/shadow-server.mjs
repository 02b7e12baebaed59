/**
 * The Postgres that shadow databases are made on. In: DATABASE_URL, when it is set. Out: that server, else the one on
 * localhost:5432 that lets the current user in, else an embedded one in a temporary folder.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { compile } from './compile.mjs'

/** Gives `{ url, close }`. */
export async function openShadowServer() {
  const given = process.env['DATABASE_URL']
  if (given) return { url: given, close: async () => {} }
  const local = `postgresql://${encodeURIComponent(userInfo().username)}@127.0.0.1:5432/postgres`
  return (await lets(local)) ? { url: local, close: async () => {} } : openTemporaryServer()
}

async function lets(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {}) // the answer is no
  try {
    await client.connect()
    const { rows } = await client.query(
      'SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
    )
    return rows[0]?.may === true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function openTemporaryServer() {
  await compile()
  const { openEmbeddedPostgres } = await import('../dist/platform/database/embedded-postgres.js')
  const folder = await mkdtemp(path.join(tmpdir(), 'shadow-postgres-'))
  const server = await openEmbeddedPostgres({ folder, logger: console })
  return {
    url: server.url,
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
