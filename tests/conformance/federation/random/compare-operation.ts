/** Asks the gateway and one schema for the same. In: an operation. Out: nothing where the answers are alike, else both. */
import { isDeepStrictEqual } from 'node:util'
import { execute, parse, validate, type DocumentNode } from 'graphql'
import { policiesOfClaim } from '../../../../gateway/authorization/authorize-operation.js'
import { readGatewayConfig } from '../../../../gateway/config.js'
import { createGateway, type Gateway } from '../../../../gateway/gateway.js'
import type { SubgraphClient } from '../../../../gateway/subgraph-client/subgraph-client.js'
import { readSubgraphResponse } from '../../../../gateway/subgraph-client/subgraph-response.js'
import { createGeneration } from '../../../../gateway/supergraph/generation.js'
import { createLogger } from '../../../../platform/log/logger.js'
import { requestContextFromHeaders } from '../../../../platform/log/request-context.js'
import { mergeParts, type AnswerPart } from '../../../support/multipart.js'
import type { TwofoldGraph } from './random-graph.js'
import type { RandomOperation } from './random-operation.js'

export interface Difference {
  readonly expected: unknown
  readonly received: unknown
}

export interface Comparison {
  isValid(query: string): boolean
  /** `isDeferring` takes the gateway's answer in parts. */
  differs(operation: RandomOperation, world: number, isDeferring: boolean): Promise<Difference | null>
}

const caller = { principal: null, authorization: null, address: null }
const { signal } = new AbortController()

export function createComparison(graph: TwofoldGraph): Comparison {
  const { fieldResolver } = graph
  let context: unknown
  const documents = new Map<string, DocumentNode>() // a subgraph is asked the same for many operations
  const client: SubgraphClient = {
    async send({ name }, { body }) {
      const { query, variables } = JSON.parse(body)
      const schema = graph.subgraphs.get(name)
      if (schema === undefined) throw new Error(`There is no subgraph ${name}.`)
      const key = `${name} ${query}`
      const document = documents.get(key) ?? parse(query, { noLocation: true })
      const faults = documents.has(key) ? [] : validate(schema, document)
      if (faults.length > 0) throw new Error(`${name} was asked ${query}: ${faults.join()}`)
      documents.set(key, document)
      refuseKeyless(variables)
      const asked = { schema, document, variableValues: variables, contextValue: context }
      const result = await execute({ ...asked, ...(fieldResolver && { fieldResolver }) })
      return readSubgraphResponse('application/json', JSON.stringify(result))
    },
    check: async () => undefined,
    keepOnly: () => undefined,
    close: async () => undefined,
  }
  const gateway = gatewayFor(graph.supergraph, client)

  const wholeOf = async ({ query, variables }: RandomOperation, world: number) => {
    const document = parse(query.replaceAll(' @defer', ''))
    const asked = {
      schema: graph.monolith,
      document,
      variableValues: variables,
      contextValue: graph.contextFor(world, true),
    }
    return execute({ ...asked, ...(fieldResolver && { fieldResolver }) })
  }
  return {
    isValid: (query) => validate(graph.monolith, parse(query.replaceAll(' @defer', ''))).length === 0,
    async differs(operation, world, isDeferring) {
      const whole = await wholeOf(operation, world)
      if (whole.errors !== undefined) throw new Error(`The one schema fails itself: ${whole.errors.join()}`)
      context = graph.contextFor(world, false)
      const request = { ...operation, operationName: undefined, caller, ids: requestContextFromHeaders({}), signal }
      const answer = isDeferring
        ? await gateway.executeIncrementally(request, '20220824')
        : await gateway.execute(request)
      if (!('initialResult' in answer)) {
        const [expected, received] = [JSON.stringify(whole.data), JSON.stringify(answer.data)]
        return answer.errors === undefined && expected === received ? null : { expected: whole.data, received: answer }
      }
      const parts: AnswerPart[] = [{ ...answer.initialResult }]
      for await (const part of answer.subsequentResults) parts.push({ ...part })
      const plain: unknown = JSON.parse(JSON.stringify({ parts, whole: whole.data }))
      return isAlike(plain) ? null : { expected: whole.data, received: parts }
    },
  }
}

function gatewayFor(supergraph: string, client: SubgraphClient): Gateway {
  const config = readGatewayConfig({}, [])
  const generation = createGeneration(1, supergraph, { urlOverrides: new Map(), limits: config.limits })
  const evaluatePolicies = policiesOfClaim(config.authorization.policiesClaim)
  return createGateway({
    currentGeneration: () => generation,
    client,
    authorization: { ...config.authorization, evaluatePolicies },
    overrides: config.overrides,
    forwardHeaders: [],
    logger: createLogger({ service: 'gateway', level: 'silent' }),
  })
}

/** By what they hold, not by order: the parts come as they come. */
function isAlike(plain: unknown): boolean {
  if (typeof plain !== 'object' || plain === null || !('parts' in plain) || !('whole' in plain)) return false
  const { parts, whole } = plain
  if (!Array.isArray(parts) || JSON.stringify(parts).includes('"errors"')) return false
  return isDeepStrictEqual(mergeParts(parts), whole)
}

/** An entity of which nothing but the type is known cannot be found: to send it would be a fault, even where nobody sees it. */
function refuseKeyless(variables: unknown): void {
  const sent: unknown = Object(variables).representations
  for (const one of Array.isArray(sent) ? sent : []) {
    if (Object.keys(one).length < 2) throw new Error(`A representation without a key was sent: ${JSON.stringify(one)}`)
  }
}
