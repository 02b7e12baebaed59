/**
 * `npm run compose`: writes schema/supergraph.graphql and schema/api.graphql.
 * `npm run compose:check`: writes nothing and fails when they are not what the subgraphs compose to.
 * Both refuse a change that breaks clients of the last committed API schema unless schema/declared-breaking-changes.json
 * names it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { undeclaredBreakingChanges } from './breaking-changes.js'
import { committedFile } from './committed-file.js'
import { composeSupergraph } from './compose-supergraph.js'

const schemaFolder = path.join(projectRoot, 'schema')
const outputs = { 'supergraph.graphql': 'supergraphSdl', 'api.graphql': 'apiSdl' } as const

function main(checkOnly: boolean): string[] {
  const composed = composeSupergraph(schemaFolder)
  const faults = breakingChanges(composed.apiSdl)
  for (const [file, key] of Object.entries(outputs)) {
    const target = path.join(schemaFolder, file)
    if (!checkOnly && faults.length === 0) writeFileSync(target, composed[key])
    else if (checkOnly && (!existsSync(target) || readFileSync(target, 'utf8') !== composed[key])) {
      faults.push(`schema/${file} is not what the subgraphs compose to: run npm run compose and commit it.`)
    }
  }
  return faults
}

function breakingChanges(apiSdl: string): string[] {
  const declared = z
    .array(z.string())
    .parse(JSON.parse(readFileSync(path.join(schemaFolder, 'declared-breaking-changes.json'), 'utf8')))
  // Where HEAD holds this very schema already (a clean clone), the change to judge is the last commit's.
  const head = committedFile(schemaFolder, 'HEAD', 'api.graphql')
  const baseline = head === apiSdl ? committedFile(schemaFolder, 'HEAD~1', 'api.graphql') : head
  if (baseline === null) return []
  return undeclaredBreakingChanges(baseline, apiSdl, declared).map(
    (change) =>
      `breaks clients: ${change} Keep the old field beside the new one, or declare it in schema/declared-breaking-changes.json.`,
  )
}

try {
  const faults = main(process.argv.includes('--check'))
  for (const fault of faults) console.error(`- ${fault}`)
  if (faults.length > 0) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
