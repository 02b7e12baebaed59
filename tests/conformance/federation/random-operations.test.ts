import { afterAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../../platform/service/project-root.js'
import type { RandomReport, RandomTask } from './random/run-random-operations.js'

/*
 * Whatever a client asks of the subgraphs together it is told the same, in the same order, as by one schema that holds
 * everything: queries and mutations, whole and in parts, over graphs that are random themselves and one that is not.
 * RANDOM_OPERATIONS and RANDOM_OPERATIONS_SEED try more than a suite has time for, and others than the usual ones.
 */

const OPERATIONS = Number(process.env['RANDOM_OPERATIONS'] ?? 10_000)
const SEED = Number(process.env['RANDOM_OPERATIONS_SEED'] ?? 2_058_794_066)
const OPERATIONS_PER_GRAPH = 250 // a graph takes as long to compose as 50 operations
const PROCESSES = 2 // besides Jest's own, in which everything takes twice the time

const program = path.join(import.meta.dirname, 'random', 'run-random-operations.ts')
let summary = 'none compared'

async function run(task: RandomTask): Promise<RandomReport> {
  const args = ['--import', 'tsx', program, JSON.stringify(task)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectRoot, maxBuffer: 2 ** 26 })
  return JSON.parse(stdout)
}

describe('operations at random', () => {
  afterAll(() => void process.stdout.write(`random operations: ${summary}\n`))

  it('are answered as by one schema', async () => {
    const count = Math.ceil(OPERATIONS / OPERATIONS_PER_GRAPH)
    const graphs = Array.from({ length: count }, (_, index) => index)
    const shares = Array.from({ length: PROCESSES }, (_, share) =>
      graphs.filter((graph) => graph % PROCESSES === share),
    )
    const reports = await Promise.all(
      shares.map((share) => run({ seed: SEED, graphs: share, operationsPerGraph: OPERATIONS_PER_GRAPH })),
    )
    const sum = (count: 'compared' | 'mutations' | 'deferred') =>
      reports.reduce((all, report) => all + report[count], 0)
    summary = `${sum('compared')} compared on ${graphs.length} graphs (${sum('mutations')} mutations, ${sum('deferred')} in parts), seed ${SEED}`
    expect(reports.flatMap(({ difference }) => difference ?? [])).toEqual([])
    expect(sum('compared')).toBeGreaterThanOrEqual(OPERATIONS)
  }, 1_800_000) // half a minute on a quiet machine
})
