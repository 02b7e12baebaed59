/**
 * The pipeline every operation takes, whatever door it came through. In: a request with its caller. Out: a result whose
 * errors are coded and masked, or a stream of them. It refuses to reject: what goes wrong becomes an error of the result.
 */
import type { ExecutionResult } from 'graphql'
import type { Bus } from '../platform/bus/bus.js'
import type { Logger } from '../platform/log/logger.js'
import { enforceAccess, type AccessSettings, type Admission } from './authorization/enforce-access.js'
import { forwardedHeaders } from './execute/execution.js'
import type { DataObject } from './data-object.js'
import { gatewayErrorFrom, OperationRefused, type GatewayError } from './gateway-error.js'
import type { GatewayPipeline } from './gateway-pipeline.js'
import type { GatewayRequest } from './gateway-request.js'
import { executeInParts } from './incremental/execute-in-parts.js'
import { toIncrementalResult, type IncrementalResult, type IncrementalSpec } from './incremental/incremental-result.js'
import { coerceVariables } from './operation/coerce-variables.js'
import { chooseOverrides, type OverrideSettings } from './plan/override-labels.js'
import type { ExecutablePlan } from './plan/plan-store.js'
import { followSignal } from './subgraph-client/cancellation.js'
import type { SubgraphClient } from './subgraph-client/subgraph-client.js'
import { openEventStream } from './subscriptions/open-event-stream.js'
import { releaseOnReturn } from './incremental/release-on-return.js'
import type { Generation } from './supergraph/generation.js'

export interface GatewayOptions {
  /** The supergraph new requests run on. */
  readonly currentGeneration: () => Generation
  readonly client: SubgraphClient
  /** Null where the gateway has none: only subscriptions to events are unavailable then. */
  readonly bus: Bus | null
  /** Headers of a request that subgraphs are sent too, in small letters. */
  readonly forwardHeaders: readonly string[]
  readonly authorization: AccessSettings
  readonly overrides: OverrideSettings
  readonly logger: Logger
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

/** An operation ready to run: all that can be refused before anything is fetched has been. */
interface Prepared {
  readonly generation: Generation
  readonly request: GatewayRequest
  readonly plan: ExecutablePlan
  readonly variables: Readonly<Record<string, unknown>>
  /** Of the answer; null for none. */
  readonly extensions: Readonly<Record<string, unknown>> | null
}

export function createGateway(options: GatewayOptions): Gateway {
  const { currentGeneration, logger } = options
  const executeOn = async (generation: Generation, request: GatewayRequest): Promise<ExecutionResult> => {
    try {
      const prepared = prepare(generation, request, options)
      return await executePrepared(prepared instanceof Promise ? await prepared : prepared, {}, options)
    } catch (error) {
      return refusal(error, request, logger)
    }
  }
  const executeInPartsOn: Gateway['executeInPartsOn'] = async (generation, request, spec) => {
    const prepared = await prepareInParts(generation, request, options)
    if (prepared === null) return null
    const { plan, variables, extensions } = prepared
    const { client, forwardHeaders } = options
    const { subgraphs } = generation
    const answer = await executeInParts({ plan, request, variables, subgraphs, client, forwardHeaders, logger })
    return toIncrementalResult(answer, spec, extensions)
  }
  return {
    executeOn,
    executeInPartsOn,
    async executeIncrementally(request, spec) {
      try {
        const generation = currentGeneration()
        return (await executeInPartsOn(generation, request, spec)) ?? (await executeOn(generation, request))
      } catch (error) {
        return refusal(error, request, logger)
      }
    },
    execute: (request) => executeOn(currentGeneration(), request),
    async subscribe(request) {
      try {
        const prepared = await prepare(currentGeneration(), request, options)
        return prepared.plan.primary === null
          ? await executePrepared(prepared, {}, options)
          : await openStream(prepared, options, executeOn)
      } catch (error) {
        return refusal(error, request, logger)
      }
    },
  }
}

/**
 * parse -> validate -> select -> coerce -> weigh -> authorize -> plan; everything but the variables comes from the generation's caches.
 * A promise only where policies must be asked for.
 */
function prepare(
  generation: Generation,
  request: GatewayRequest,
  { authorization, overrides }: GatewayOptions,
  inParts = false,
): Prepared | Promise<Prepared> {
  const document = request.document ?? generation.documents.read(request.query)
  const selected = generation.documents.select(document, request.operationName)
  const variables = coerceVariables(generation.apiSchema, selected, request.variables, generation.variableLimits)
  const labels = generation.overrideLabels
  const planned = ({ operation, extensions }: Admission): Prepared => {
    const plan = generation.plans.planFor(operation, {
      ...(inParts && { deferBy: variables }),
      ...(labels.length > 0 && { overrides: chooseOverrides(labels, request, overrides) }),
    })
    return { generation, request, plan, variables, extensions: cost === null ? extensions : { ...extensions, ...cost } }
  }
  const cost = generation.demand === null ? null : generation.demand.check(selected, variables)
  const admission = enforceAccess(generation.access, selected, request, variables, authorization)
  return admission instanceof Promise ? admission.then(planned) : planned(admission)
}

/** Null for what is answered in one piece, a refusal among it. */
async function prepareInParts(
  generation: Generation,
  request: GatewayRequest,
  options: GatewayOptions,
): Promise<Prepared | null> {
  try {
    const prepared = await prepare(generation, request, options, true)
    return prepared.plan.deferred === null ? null : prepared
  } catch {
    return null // to be refused in full by whoever executes it
  }
}

/** fetch -> shape. `data` is what there is already: nothing, or an event. */
async function executePrepared(
  prepared: Prepared,
  data: DataObject,
  options: GatewayOptions,
): Promise<ExecutionResult> {
  const { generation, request, plan, variables, extensions } = prepared
  const errors: GatewayError[] = []
  if (plan.step !== null) {
    const { subgraphs } = generation
    const { client, logger } = options
    const headers = forwardedHeaders(request, options.forwardHeaders)
    const cancellation = request.cancellation ?? followSignal(request.signal)
    try {
      await plan.step({
        request,
        variables,
        data,
        errors,
        subgraphs,
        client,
        cancellation,
        headers,
        logger,
        deferral: null,
      })
    } finally {
      cancellation.release()
    }
  }
  const shaped = plan.shape({ data, errors, variables, ids: request.ids })
  const result = errors.length === 0 ? { data: shaped } : { errors, data: shaped }
  return extensions === null ? result : { ...result, extensions }
}

async function openStream(
  prepared: Prepared,
  options: GatewayOptions,
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
    logger: options.logger,
  })
  return releaseOnReturn(answerEvents(events, prepared, options), async () => void (await events.return()))
}

/** An answer an event. One whose fetches fail has errors, and the stream goes on; when its source fails, so does the stream. */
async function* answerEvents(
  events: AsyncGenerator<Readonly<DataObject>, void, void>,
  prepared: Prepared,
  options: GatewayOptions,
): AsyncGenerator<ExecutionResult, void, void> {
  for await (const event of events) {
    yield await executePrepared(prepared, { ...event }, options).catch((error: unknown) =>
      refusal(error, prepared.request, options.logger),
    )
  }
}

function refusal(error: unknown, { ids }: GatewayRequest, logger: Logger): ExecutionResult {
  if (error instanceof OperationRefused) return { errors: error.errors }
  const masked = gatewayErrorFrom(error, ids)
  if (masked.extensions['code'] === 'INT_INTERNAL_ERROR') logger.error({ err: error }, 'an operation failed')
  // the operation is valid and was begun: its result is null
  if (masked.extensions['code'] === 'PLAN_NOT_FOUND') return { errors: [masked], data: null }
  return { errors: [masked] }
}
