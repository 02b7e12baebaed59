/**
 * `npm run migrate:new -- <service> <name>`: writes the next migration of a service, the difference between its migrations
 * and its schema. In: a Postgres to replay the migrations on, in a shadow database that is dropped again (DATABASE_URL,
 * else the one on localhost:5432). It refuses to write a migration that changes nothing.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { listServices, migrationsOf, projectRoot, runPrisma, schemaOf } from './prisma-services.mjs'
import { openShadowServer } from './shadow-server.mjs'

const [service, name] = process.argv.slice(2)
try {
  const file = await writeMigration(service, name)
  console.log(
    `Written: ${path.relative(projectRoot, file)}. Read it, add raw SQL by hand where Prisma has no words for it.`,
  )
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

async function writeMigration(service, name) {
  if (!listServices().includes(service) || !/^[a-z0-9]+([-_][a-z0-9]+)*$/.test(name ?? '')) {
    throw new Error(`Usage: npm run migrate:new -- <${listServices().join('|')}> <name, such as add-users>`)
  }
  const migrations = migrationsOf(service)
  const lock = path.join(migrations, 'migration_lock.toml')
  const from = existsSync(lock) ? ['--from-migrations', migrations] : ['--from-empty']
  const { status, stdout, stderr } = await compare(service, from)
  if (status !== 0) throw new Error(`Prisma could not compare migrations and schema:\n${stdout}${stderr}`)
  if (/^-- This is an empty migration\.\s*$/.test(stdout.trim()))
    throw new Error('The schema has no change to migrate.')
  // seconds are what Prisma itself orders and names by
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = path.join(migrations, `${stamp}_${name.replaceAll('-', '_')}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'migration.sql'), `${stdout.trim()}\n`)
  if (!existsSync(lock))
    writeFileSync(lock, '# Written by Prisma and read by it; keep it with the migrations.\nprovider = "postgresql"\n')
  return path.join(folder, 'migration.sql')
}

async function compare(service, from) {
  const server = await openShadowServer()
  try {
    const compared = [...from, '--to-schema', schemaOf(service)]
    return await runPrisma(service, ['migrate', 'diff', ...compared, '--script'], { DATABASE_URL: server.url })
  } finally {
    await server.close()
  }
}
