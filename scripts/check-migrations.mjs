/**
 * `npm run migrate:check`: every service's migrations, replayed in a shadow database, give exactly its schema. Leaves with
 * exit code 1 and the missing statements when they do not. In: a Postgres, as for migrate:new.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { listServices, migrationsOf, runPrisma, schemaOf } from './prisma-services.mjs'
import { shadowServerUrl } from './shadow-server.mjs'

const SAME = 0
const DIFFERENT = 2 // exit codes of `prisma migrate diff --exit-code`

/** Null when migrations and schema of a service agree, otherwise what is wrong. */
export async function migrationFault(service, serverUrl) {
  if (!existsSync(path.join(migrationsOf(service), 'migration_lock.toml'))) return 'it has a schema and no migrations'
  const compared = ['--from-migrations', migrationsOf(service), '--to-schema', schemaOf(service)]
  const { status, stdout, stderr } = await runPrisma(
    service,
    ['migrate', 'diff', ...compared, '--exit-code', '--script'],
    {
      DATABASE_URL: serverUrl,
    },
  )
  if (status === SAME) return null
  return status === DIFFERENT
    ? `its migrations lack this:\n${stdout}`
    : `Prisma could not compare them:\n${stdout}${stderr}`
}

if (import.meta.filename === process.argv[1]) {
  const serverUrl = shadowServerUrl()
  for (const service of listServices()) {
    const fault = await migrationFault(service, serverUrl)
    console.log(`${service}: ${fault === null ? 'migrations and schema agree' : fault}`)
    if (fault !== null) process.exitCode = 1
  }
}
