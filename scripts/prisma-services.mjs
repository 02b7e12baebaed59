/** The services that have a database: every folder of prisma/ with a schema. One place for where their parts lie. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

export const projectRoot = path.resolve(import.meta.dirname, '..')

/** Names of the services under prisma/, sorted. */
export function listServices() {
  return readdirSync(path.join(projectRoot, 'prisma'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(schemaOf(entry.name)))
    .map((entry) => entry.name)
    .sort()
}

export function schemaOf(service) {
  return path.join(projectRoot, 'prisma', service, 'schema.prisma')
}

export function migrationsOf(service) {
  return path.join(projectRoot, 'prisma', service, 'migrations')
}

/** Runs one Prisma command for a service, without a network. Gives `{ status, stdout, stderr }`; the caller judges. */
export function runPrisma(service, commandArguments, environment = {}) {
  const cli = path.join(projectRoot, 'node_modules', 'prisma', 'build', 'index.js')
  const env = {
    ...process.env,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    ...environment,
    SERVICE: service,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...commandArguments], { cwd: projectRoot, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? 1), stdout, stderr })
    })
  })
}
