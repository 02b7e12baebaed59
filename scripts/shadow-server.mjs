/** The Postgres that shadow databases are made on: DATABASE_URL, else the local one with the current user's name. */
import { userInfo } from 'node:os'

export function shadowServerUrl() {
  return process.env['DATABASE_URL'] ?? `postgresql://${userInfo().username}@127.0.0.1:5432/postgres`
}
