/**
 * The pipeline every operation takes, whatever door it came through. In: a request with its caller. Out: a result whose
 * errors are coded and masked. It refuses subscriptions, which the hub runs by the same steps, and never rejects: what goes wrong becomes an error of the result.
 */
import type { ExecutionResult } from 'graphql'
import type { GatewayPipeline } from './gateway-pipeline.js'
import type { GatewayRequest } from './gateway-request.js'
import { executeInParts } from './incremental/execute-in-parts.js'
import { toIncrementalResult, type IncrementalResult, type IncrementalSpec } from './incremental/incremental-result.js'
import {
  executePrepared,
  pipelineSettings,
  prepareOperation,
  refusalResult,
  type OperationSettings,
  type PipelineSettings,
  type PreparedOperation,
} from './prepared-operation.js'
import type { Generation } from './supergraph/generation.js'

export interface GatewayOptions extends OperationSettings {
  /** The supergraph new requests run on. */
  readonly currentGeneration: () => Generation
}

export interface Gateway extends GatewayPipeline {
  /** Executes on a certain supergraph: for a door that has validated the document against it. */
  executeOn(generation: Generation, request: GatewayRequest): Promise<ExecutionResult>
  /**
   * The answer in parts. Null, with nothing executed, where nothing is deferred or the operation is refused: then `executeOn`
   * has the answer. Throws for bugs alone.
   */
  executeInPartsOn(
    generation: Generation,
    request: GatewayRequest,
    spec: IncrementalSpec,
  ): Promise<IncrementalResult | null>
}

export function createGateway(given: GatewayOptions): Gateway {
  const { currentGeneration } = given
  const options = pipelineSettings(given)
  const executeOn = async (generation: Generation, request: GatewayRequest): Promise<ExecutionResult> => {
    try {
      const prepared = prepareOperation(generation, request, options)
      return await executePrepared(prepared instanceof Promise ? await prepared : prepared, options)
    } catch (error) {
      return refusalResult(error, generation, request, options)
    }
  }
  const executeInPartsOn: Gateway['executeInPartsOn'] = async (generation, request, spec) => {
    const prepared = await prepareInParts(generation, request, options)
    if (prepared === null) return null
    const { plan, variables, extensions, logger } = prepared
    const { client, forwardHeaders } = options
    const { subgraphs } = generation
    const answer = await executeInParts({ plan, request, variables, subgraphs, client, forwardHeaders, logger })
    return toIncrementalResult(answer, spec, extensions)
  }
  return {
    executeOn,
    executeInPartsOn,
    async executeIncrementally(request, spec) {
      const generation = currentGeneration()
      try {
        return (await executeInPartsOn(generation, request, spec)) ?? (await executeOn(generation, request))
      } catch (error) {
        return refusalResult(error, generation, request, options)
      }
    },
    execute: (request) => executeOn(currentGeneration(), request),
  }
}

/** Null for what is answered in one piece, a refusal among it. */
async function prepareInParts(
  generation: Generation,
  request: GatewayRequest,
  options: PipelineSettings,
): Promise<PreparedOperation | null> {
  try {
    const prepared = await prepareOperation(generation, request, options, true)
    return prepared.plan.deferred === null ? null : prepared
  } catch {
    return null // to be refused in full by whoever executes it
  }
}
