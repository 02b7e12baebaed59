/**
 * Tells the Prisma CLI which service it works for: SERVICE=auth npx prisma migrate status. In: SERVICE (a folder of
 * prisma/) and, for commands that talk to a server, DATABASE_URL. It refuses to guess either.
 */
import path from 'node:path'
import { defineConfig } from 'prisma/config'

const service = process.env['SERVICE']
if (service === undefined || !/^[a-z][a-z0-9-]*$/.test(service)) {
  throw new Error('Name the service, a folder of prisma/: SERVICE=auth npx prisma <command>')
}

// Prisma's native engine is a download from outside the npm registry; this one is the same engine as WebAssembly
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= path.join(import.meta.dirname, 'scripts', 'schema-engine.mjs')

const url = process.env['DATABASE_URL']

export default defineConfig({
  schema: path.join('prisma', service, 'schema.prisma'),
  migrations: { path: path.join('prisma', service, 'migrations') },
  ...(url !== undefined && { datasource: { url: withSchema(url, service) } }),
})

function withSchema(address: string, schema: string): string {
  const changed = new URL(address)
  changed.searchParams.set('schema', schema)
  return changed.toString()
}
