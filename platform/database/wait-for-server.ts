import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { StartupError } from '../errors/startup-error.js'
import { systemErrorCode } from '../errors/system-error-code.js'
import { urlWithSettings } from './connection-url.js'

const RETRY_EVERY_MS = 250

/** SQLSTATE and what the operator is to do about it; waiting would not help. */
const hopeless: Readonly<Record<string, string>> = {
  '28P01': 'Postgres refused the user or the password: correct DATABASE_URL.',
  '28000': 'Postgres does not let this user in: correct DATABASE_URL, or allow the user in pg_hba.conf.',
  '3D000': 'Postgres has no database of that name: create it, or correct DATABASE_URL.',
}

/**
 * Resolves when the server takes connections. Throws StartupError, without an address, when it refuses for good or does
 * not answer in time.
 */
export async function waitForServer(url: string, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs
  for (;;) {
    try {
      const client = new pg.Client({
        connectionString: urlWithSettings(url, {}),
        connectionTimeoutMillis: Math.min(waitMs, 5_000),
      })
      client.on('error', () => undefined) // a server that stops while we connect is one that is not there yet
      await client.connect()
      return await client.end()
    } catch (error) {
      const refusal = hopeless[systemErrorCode(error) ?? '']
      if (refusal !== undefined) throw new StartupError(refusal, { cause: error })
      if (Date.now() + RETRY_EVERY_MS > deadline) {
        const seconds = Math.round(waitMs / 1000)
        throw new StartupError(`Postgres did not answer for ${seconds} s: start it, or correct DATABASE_URL.`, {
          cause: error,
        })
      }
    }
    await delay(RETRY_EVERY_MS)
  }
}
