import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { StartupError } from '../errors/startup-error.js'
import type { EmbeddedPaths } from './embedded-cluster.js'
import { brokenFolder, folderInUse } from './embedded-faults.js'
import { stopServer, type RunningServer } from './embedded-server.js'

const CLAIM_KEY = 7_215_608_301 // any number: it only has to be the same for every process of this code
const CLAIM_WITHIN_MS = 2_000 // a killed process's connection is noticed well before that

/** The server that was found running was on its way out: another look will find none. */
export class ServerLeftError extends Error {
  constructor(cause: unknown) {
    super('The server ended while it was being taken over.', { cause })
    this.name = 'ServerLeftError'
  }
}

/**
 * Makes this process the server's owner by holding a lock in a connection: it ends with the process, however that ends,
 * so it tells an orphan from a server in use without trusting process numbers. Throws StartupError, ServerLeftError.
 */
export async function claimServer(url: string, server: RunningServer, paths: EmbeddedPaths): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'owner', keepAlive: true })
  client.on('error', () => undefined) // reported by the query under way
  try {
    await client.connect()
    const deadline = Date.now() + CLAIM_WITHIN_MS
    for (;;) {
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [CLAIM_KEY])
      if (rows[0]?.taken === true) {
        writeFileSync(paths.owner, String(process.pid)) // for people alone: the lock decides
        return client
      }
      if (Date.now() > deadline) throw folderInUse(paths)
      await delay(25)
    }
  } catch (error) {
    await client.end().catch(() => undefined)
    if (!server.found) await stopServer(server.pid, paths.cluster)
    else if (isOnItsWayOut(error)) throw new ServerLeftError(error)
    throw error instanceof pg.DatabaseError ? brokenFolder(paths, `FATAL: ${error.message}`, error) : error
  }
}

const SHUTTING_DOWN = /^57P0[123]$/ // https://www.postgresql.org/docs/current/errcodes-appendix.html, operator intervention

function isOnItsWayOut(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return SHUTTING_DOWN.test(error.code ?? '')
  return !(error instanceof StartupError) // the connection broke, or was refused
}
