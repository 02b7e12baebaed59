/**
 * `npm run migrate:check`: every service's migrations, replayed in a shadow database, give exactly its schema. Leaves with
 * exit code 1 and the missing statements when they do not. In: a Postgres (DATABASE_URL, a local one, or an embedded one).
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { listServices, migrationsOf, runPrisma, schemaOf } from './prisma-services.mjs'
import { openShadowServer } from './shadow-server.mjs'

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

async function checkAll() {
  const server = await openShadowServer()
  try {
    const waiting = listServices()
    const work = async () => {
      for (let service = waiting.shift(); service !== undefined; service = waiting.shift()) {
        const fault = await migrationFault(service, server.url)
        console.log(`${service}: ${fault === null ? 'migrations and schema agree' : fault}`)
        if (fault !== null) process.exitCode = 1
      }
    }
    await Promise.all([work(), work()])
  } finally {
    await server.close()
  }
}

if (import.meta.filename === process.argv[1]) await checkAll()
