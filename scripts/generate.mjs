/** `npm run generate`: the generated sources that are out of date, all of them with `--force`. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { generateClients, staleClients } from './generate-clients.mjs'
import { areKernelsStale, generateKernels } from './generate-kernels.mjs'
import { listServices, projectRoot } from './prisma-services.mjs'
import { hashOfFiles, readStamp } from './stamps.mjs'

const stamp = path.join(projectRoot, 'clients', 'generated', '.stamp')

/** Throws with the failing tool's words. */
export async function generate({ force = false } = {}) {
  const clients = force ? listServices() : staleClients()
  const typesStale = force || areTypesStale()
  const kernelsStale = force || areKernelsStale()
  if (clients.length > 0 || typesStale || kernelsStale) console.log('Generating code ...')
  await Promise.all([generateClients(clients), typesStale && generateTypes(), kernelsStale && generateKernels()])
}

/** What the GraphQL code generator reads. */
function inputs() {
  const below = (folder, ending) =>
    readdirSync(path.join(projectRoot, folder), { recursive: true })
      .filter((name) => name.endsWith(ending))
      .map((name) => path.join(projectRoot, folder, name))
      .sort()
  const alone = ['codegen.ts', 'package-lock.json'].map((name) => path.join(projectRoot, name))
  return [...below('schema', '.graphql'), ...below('clients', '.graphql'), ...alone]
}

function areTypesStale() {
  const outputs = listServices().map((service) =>
    path.join(projectRoot, 'subgraphs', service, 'generated', 'resolvers.ts'),
  )
  return !outputs.every(existsSync) || readStamp(stamp) !== hashOfFiles(inputs())
}

async function generateTypes() {
  const fingerprint = hashOfFiles(inputs())
  const cli = path.join(projectRoot, 'node_modules', '@graphql-codegen', 'cli', 'esm', 'bin.js')
  try {
    await promisify(execFile)(process.execPath, [cli, '--config', 'codegen.ts'], { cwd: projectRoot })
  } catch (error) {
    throw new Error(`Types could not be generated from the SDL:\n${error.stdout}${error.stderr}`)
  }
  writeFileSync(stamp, fingerprint)
  console.log('  types and documents of the SDL generated')
}

if (import.meta.filename === process.argv[1]) {
  try {
    await generate({ force: process.argv.includes('--force') })
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
