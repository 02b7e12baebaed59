/**
 * The pipeline every operation takes, whatever door it came through. In: a request with its caller. Out: a result whose
 * errors are coded and masked, or a stream of them. It refuses to reject: what goes wrong becomes an error of the result.
 */
import type { ExecutionResult } from 'graphql'
import type { Bus } from '../platform/bus/bus.js'
import type { Logger } from '../platform/log/logger.js'
import { withRequestContext } from '../platform/log/request-context.js'
import { enforceAccess, type AccessSettings, type Admission } from './authorization/enforce-access.js'
import { forwardedHeaders } from './execute/execution.js'
import type { DataObject } from './data-object.js'
import { discreetLogger } from './discreet-logger.js'
import { gatewayErrorFrom, OperationRefused, type GatewayError } from './gateway-error.js'
import type { GatewayPipeline } from './gateway-pipeline.js'
import type { GatewayRequest } from './gateway-request.js'
import { executeInParts } from './incremental/execute-in-parts.js'
import { toIncrementalResult, type IncrementalResult, type IncrementalSpec } from './incremental/incremental-result.js'
import type { Operation } from './operation/operation.js'
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
  /** Says as much of faults as may be said of the operation. */
  readonly logger: Logger
}

/** `discreet` takes the logger's place for operations of whose faults no words may be written down. */
interface PipelineOptions extends GatewayOptions {
  readonly discreet: Logger
}

export function createGateway(given: GatewayOptions): Gateway {
  const { currentGeneration } = given
  const options = { ...given, discreet: discreetLogger(given.logger) }
  const executeOn = async (generation: Generation, request: GatewayRequest): Promise<ExecutionResult> => {
    try {
      const prepared = prepare(generation, request, options)
      return await executePrepared(prepared instanceof Promise ? await prepared : prepared, {}, options)
    } catch (error) {
      return refusal(error, generation, request, options)
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
        return refusal(error, generation, request, options)
      }
    },
    execute: (request) => executeOn(currentGeneration(), request),
    async subscribe(request) {
      const generation = currentGeneration()
      try {
        const prepared = await prepare(generation, request, options)
        return prepared.plan.primary === null
          ? await executePrepared(prepared, {}, options)
          : await openStream(prepared, options, executeOn)
      } catch (error) {
        return refusal(error, generation, request, options)
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
  options: PipelineOptions,
  inParts = false,
): Prepared | Promise<Prepared> {
  const { authorization, overrides } = options
  const selected = selectedOperation(generation, request)
  const variables = coerceVariables(generation.apiSchema, selected, request.variables, generation.variableLimits)
  const labels = generation.overrideLabels
  const planned = ({ operation, extensions }: Admission): Prepared => {
    const plan = generation.plans.planFor(operation, {
      variables,
      ...(inParts && { deferBy: variables }),
      ...(labels.length > 0 && { overrides: chooseOverrides(labels, request, overrides) }),
    })
    const told = cost === null ? extensions : { ...extensions, ...cost }
    return { generation, request, plan, variables, extensions: told, logger: loggerFor(selected, generation, options) }
  }
  const cost = generation.demand === null ? null : generation.demand.check(selected, variables)
  const admission = enforceAccess(generation.access, selected, request, variables, authorization)
  return admission instanceof Promise ? admission.then(planned) : planned(admission)
}

function selectedOperation({ documents }: Generation, { document, query, operationName }: GatewayRequest): Operation {
  return documents.select(document ?? documents.read(query), operationName)
}

function loggerFor(operation: Operation, generation: Generation, { logger, discreet }: PipelineOptions): Logger {
  return generation.writtenDown(operation).words ? logger : discreet
}

/** For a fault that may have come before anything is known of the operation. */
function faultLogger(generation: Generation, request: GatewayRequest, options: PipelineOptions): Logger {
  try {
    return loggerFor(selectedOperation(generation, request), generation, options)
  } catch {
    return options.discreet
  }
}

/** Null for what is answered in one piece, a refusal among it. */
async function prepareInParts(
  generation: Generation,
  request: GatewayRequest,
  options: PipelineOptions,
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
  options: PipelineOptions,
): Promise<ExecutionResult> {
  const { generation, request, plan, variables, extensions, logger } = prepared
  const errors: GatewayError[] = []
  if (plan.step !== null) {
    const { subgraphs } = generation
    const { client } = options
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
  prepared: Prepared,
  options: PipelineOptions,
): AsyncGenerator<ExecutionResult, void, void> {
  for await (const event of events) {
    yield await executePrepared(prepared, { ...event }, options).catch((error: unknown) =>
      refusal(error, prepared.generation, prepared.request, options),
    )
  }
}

function refusal(
  error: unknown,
  generation: Generation,
  request: GatewayRequest,
  options: PipelineOptions,
): ExecutionResult {
  if (error instanceof OperationRefused) return { errors: error.errors }
  const masked = gatewayErrorFrom(error, request.ids)
  if (masked.extensions['code'] === 'INT_INTERNAL_ERROR') {
    const logger = faultLogger(generation, request, options)
    withRequestContext(request.ids, () => logger.error({ err: error }, 'an operation failed'))
  }
  // the operation is valid and was begun: its result is null
  if (masked.extensions['code'] === 'PLAN_NOT_FOUND') return { errors: [masked], data: null }
  return { errors: [masked] }
}
