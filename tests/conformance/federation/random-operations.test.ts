import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { execute, parse, validate, type GraphQLSchema } from 'graphql'
import { createGateway } from '../../../gateway/gateway.js'
import { policiesOfClaim } from '../../../gateway/authorization/authorize-operation.js'
import type { SubgraphClient } from '../../../gateway/subgraph-client/subgraph-client.js'
import { readSubgraphResponse } from '../../../gateway/subgraph-client/subgraph-response.js'
import { createGeneration } from '../../../gateway/supergraph/generation.js'
import { createLogger } from '../../../platform/log/logger.js'
import { requestContextFromHeaders } from '../../../platform/log/request-context.js'
import { readGatewayConfig } from '../../../gateway/config.js'
import { randomOperation, type RandomOperation } from './random-operation.js'
import { createFederation, createMonolith, createWorld, type World } from './random-world.js'

/*
 * Whatever a client asks of the subgraphs together it is told the same, in the same order, as by one schema that holds
 * everything. RANDOM_OPERATIONS=10000 tries more than a suite has time for, RANDOM_OPERATIONS_SEED others than the usual ones.
 */

const OPERATIONS = Number(process.env['RANDOM_OPERATIONS'] ?? 2_000)
const SEED = Number(process.env['RANDOM_OPERATIONS_SEED'] ?? 2_058_794_066)
const WORLDS = 50
const TRIES = 20 // an operation at random may ask two things under one name

const monolith = createMonolith()
const { supergraph, schemas } = createFederation()
const worlds = Array.from({ length: WORLDS }, (_, index) => createWorld(generator(SEED + index)))
let compared = 0

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function clientFor(world: () => World): SubgraphClient {
  return {
    async send({ name }, { body }) {
      const { query, variables } = JSON.parse(body)
      const document = parse(query)
      const schema = schemaOf(schemas, name)
      const faults = validate(schema, document)
      if (faults.length > 0) throw new Error(`${name} was asked ${query}: ${faults.join()}`)
      const result = await execute({ schema, document, variableValues: variables, contextValue: world() })
      return readSubgraphResponse('application/json', JSON.stringify(result))
    },
    check: async () => undefined,
    keepOnly: () => undefined,
    close: async () => undefined,
  }
}

function schemaOf(all: ReadonlyMap<string, GraphQLSchema>, name: string): GraphQLSchema {
  const schema = all.get(name)
  if (schema === undefined) throw new Error(`There is no subgraph ${name}.`)
  return schema
}

function validOperation(draw: (maximum: number) => number): RandomOperation | null {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const operation = randomOperation(monolith, draw)
    if (validate(monolith, parse(operation.query)).length === 0) return operation
  }
  return null
}

describe('operations at random', () => {
  let current: World = createWorld(generator(0))
  const config = readGatewayConfig({}, [])
  const generation = createGeneration(1, supergraph, {
    urlOverrides: new Map(),
    limits: config.limits,
  })
  const gateway = createGateway({
    currentGeneration: () => generation,
    client: clientFor(() => current),
    authorization: { ...config.authorization, evaluatePolicies: policiesOfClaim(config.authorization.policiesClaim) },
    overrides: config.overrides,
    forwardHeaders: [],
    logger: createLogger({ service: 'gateway', level: 'silent' }),
  })
  const caller = { principal: null, authorization: null, address: null }
  const { signal } = new AbortController()

  afterAll(() => {
    process.stdout.write(`random operations: ${compared} compared, seed ${SEED}\n`)
  })

  it('are answered as by one schema', async () => {
    const property = fc.asyncProperty(fc.nat(), fc.nat(WORLDS - 1), async (seed, index) => {
      const random = generator(seed)
      const operation = validOperation((maximum) => Math.floor(random() * (maximum + 1)))
      fc.pre(operation !== null)
      if (operation === null) return
      const { query, variables } = operation
      current = worlds[index] ?? current
      const ids = requestContextFromHeaders({})
      const [whole, joined] = await Promise.all([
        execute({ schema: monolith, document: parse(query), variableValues: variables, contextValue: current }),
        gateway.execute({ query, operationName: undefined, variables, caller, ids, signal }),
      ])
      expect({ query, variables, errors: joined.errors, text: JSON.stringify(joined.data) }).toEqual({
        query,
        variables,
        errors: undefined,
        text: JSON.stringify(whole.data),
      })
      compared += 1
    })
    await fc.assert(property, { numRuns: OPERATIONS, seed: SEED })
    expect(compared).toBe(OPERATIONS)
  }, 600_000)
})
