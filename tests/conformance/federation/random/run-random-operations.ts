/**
 * A process that compares operations at random until it has done its share or finds a difference. Its one argument says what,
 * as JSON; it answers with a line of JSON: how many were compared, and the first difference, made as small as it gets.
 */
import { createComparison, type Comparison, type Difference } from './compare-operation.js'
import { createRandomGraph } from './random-graph.js'
import { randomOperation, type RandomOperation } from './random-operation.js'
import { drawer, generator } from './random-numbers.js'
import { createShopGraph } from './shop-graph.js'
import { shrinkOperation } from './shrink-operation.js'

export interface RandomTask {
  readonly seed: number
  /** The graphs with these numbers; 0 is the shop. */
  readonly graphs: readonly number[]
  readonly operationsPerGraph: number
}

export interface RandomReport {
  readonly compared: number
  readonly mutations: number
  readonly deferred: number
  readonly difference:
    (Difference & RandomOperation & { readonly graph: string; readonly world: number; readonly seed: number }) | null
}

const WORLDS = 50
const TRIES = 20 // an operation at random may ask two things under one name

const task: RandomTask = JSON.parse(process.argv[2] ?? '')
const counts = { compared: 0, mutations: 0, deferred: 0 }
let difference: RandomReport['difference'] = null
for (const graph of task.graphs) difference ??= await compareOn(graph)
const report: RandomReport = { ...counts, difference }
process.stdout.write(`${JSON.stringify(report)}\n`)

async function compareOn(number: number): Promise<RandomReport['difference']> {
  const graph = number === 0 ? createShopGraph() : createRandomGraph(task.seed + number)
  const comparison = createComparison(graph)
  const end = counts.compared + task.operationsPerGraph
  for (let index = 0; counts.compared < end; index += 1) {
    const seed = task.seed + number * 1_000_003 + index
    const draw = drawer(generator(seed))
    const isDeferring = draw(9) === 0
    const operation = validOperation(comparison, () => randomOperation(graph.monolith, draw, isDeferring))
    if (operation === null) continue
    const world = draw(WORLDS - 1)
    const found = await differs(comparison, operation, world, isDeferring)
    if (found !== null) {
      const isStill = async (query: string) =>
        comparison.isValid(query) && (await differs(comparison, { ...operation, query }, world, isDeferring)) !== null
      const query = await shrinkOperation(operation.query, isStill)
      const small = (await differs(comparison, { ...operation, query }, world, isDeferring)) ?? found
      return { ...small, ...operation, query, graph: graph.name, world, seed }
    }
    counts.compared += 1
    if (operation.query.startsWith('mutation')) counts.mutations += 1
    if (operation.query.includes('@defer')) counts.deferred += 1
  }
  return null
}

async function differs(comparison: Comparison, operation: RandomOperation, world: number, isDeferring: boolean) {
  return comparison
    .differs(operation, world, isDeferring)
    .catch((error: unknown): Difference => ({ expected: 'no error', received: String(error) }))
}

function validOperation(comparison: Comparison, write: () => RandomOperation): RandomOperation | null {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const operation = write()
    if (comparison.isValid(operation.query)) return operation
  }
  return null
}
