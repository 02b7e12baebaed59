/**
 * `npm run prisma:generate`: makes the Prisma client of every service, into subgraphs/<service>/generated/prisma. A client
 * whose schema and Prisma version are those it was made from is left alone; `--force` makes them all.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { listServices, projectRoot, runPrisma, schemaOf } from './prisma-services.mjs'
import { hashOfFiles, readStamp } from './stamps.mjs'

const stampOf = (service) => path.join(projectRoot, 'subgraphs', service, 'generated', 'prisma', '.stamp')

const fingerprintOf = (service) =>
  hashOfFiles([schemaOf(service), path.join(projectRoot, 'node_modules', 'prisma', 'package.json')])

/** Services whose client is missing or was made from another schema. */
export function staleClients() {
  return listServices().filter((service) => readStamp(stampOf(service)) !== fingerprintOf(service))
}

/** Makes the clients of these services, two at a time. Throws with Prisma's own words when a schema is wrong. */
export async function generateClients(services) {
  const waiting = [...services]
  const work = async () => {
    for (let service = waiting.shift(); service !== undefined; service = waiting.shift()) await generateClient(service)
  }
  await Promise.all([work(), work()])
}

async function generateClient(service) {
  const fingerprint = fingerprintOf(service)
  const { status, stdout, stderr } = await runPrisma(service, ['generate'])
  if (status !== 0) throw new Error(`The Prisma client of ${service} could not be made:\n${stdout}${stderr}`)
  mkdirSync(path.dirname(stampOf(service)), { recursive: true })
  writeFileSync(stampOf(service), fingerprint)
  console.log(`  prisma client of ${service} generated`)
}

if (import.meta.filename === process.argv[1]) {
  const services = process.argv.includes('--force') ? listServices() : staleClients()
  await generateClients(services)
  if (services.length === 0) console.log('  prisma clients are up to date')
}
