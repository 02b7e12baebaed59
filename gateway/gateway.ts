/**
 * The pipeline every operation takes, whatever door it came through. In: a request with its caller. Out: a result whose
 * errors are coded and masked, or a stream of them. It refuses to reject: what goes wrong becomes an error of the result.
 */
import type { ExecutionResult } from 'graphql'
import type { Bus } from '../platform/bus/bus.js'
import type { DataObject } from './data-object.js'
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
import { openEventStream } from './subscriptions/open-event-stream.js'
import { releaseOnReturn } from './incremental/release-on-return.js'
import type { Generation } from './supergraph/generation.js'

export interface GatewayOptions extends OperationSettings {
  /** The supergraph new requests run on. */
  readonly currentGeneration: () => Generation
  /** Null where the gateway has none: only subscriptions to events are unavailable then. */
  readonly bus: Bus | null
}

type PipelineOptions = PipelineSettings & Pick<GatewayOptions, 'bus'>

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
  const options = { ...pipelineSettings(given), bus: given.bus }
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
    async subscribe(request) {
      const generation = currentGeneration()
      try {
        const prepared = await prepareOperation(generation, request, options)
        return prepared.plan.primary === null
          ? await executePrepared(prepared, options)
          : await openStream(prepared, options, executeOn)
      } catch (error) {
        return refusalResult(error, generation, request, options)
      }
    },
  }
}

/** Null for what is answered in one piece, a refusal among it. */
async function prepareInParts(
  generation: Generation,
  request: GatewayRequest,
  options: PipelineOptions,
): Promise<PreparedOperation | null> {
  try {
    const prepared = await prepareOperation(generation, request, options, true)
    return prepared.plan.deferred === null ? null : prepared
  } catch {
    return null // to be refused in full by whoever executes it
  }
}

async function openStream(
  prepared: PreparedOperation,
  options: PipelineOptions,
  executeOn: Gateway['executeOn'],
): Promise<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult> {
  const { generation, request, plan } = prepared
  if (plan.primary === null) throw new Error('The plan is not of a subscription.')
  const { caller, ids, headers = {}, signal } = request
  const events = await openEventStream({
    generation,
    fetch: plan.primary,
    request,
    run: (query, variables) =>
      executeOn(generation, { query, variables, operationName: undefined, caller, ids, headers, signal }),
    bus: options.bus,
    logger: prepared.logger,
  })
  return releaseOnReturn(answerEvents(events, prepared, options), async () => void (await events.return()))
}

/** An answer an event. One whose fetches fail has errors, and the stream goes on; when its source fails, so does the stream. */
async function* answerEvents(
  events: AsyncGenerator<Readonly<DataObject>, void, void>,
  prepared: PreparedOperation,
  options: PipelineOptions,
): AsyncGenerator<ExecutionResult, void, void> {
  for await (const event of events) {
    yield await executePrepared(prepared, options, { ...event }).catch((error: unknown) =>
      refusalResult(error, prepared.generation, prepared.request, options),
    )
  }
}
