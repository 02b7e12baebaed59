/**
 * The steps of the pipeline every operation takes. In: a request with its caller, on a certain supergraph. Out: the operation
 * ready to run, then its result. Preparing refuses all that can be refused before anything is fetched.
 */
import type { ExecutionResult } from 'graphql'
import type { Logger } from '../platform/log/logger.js'
import { withRequestContext } from '../platform/log/request-context.js'
import { enforceAccess, type AccessSettings, type Admission } from './authorization/enforce-access.js'
import type { DataObject } from './data-object.js'
import { discreetLogger } from './discreet-logger.js'
import { forwardedHeaders } from './execute/execution.js'
import { gatewayErrorFrom, OperationRefused, type GatewayError } from './gateway-error.js'
import type { GatewayRequest } from './gateway-request.js'
import { coerceVariables } from './operation/coerce-variables.js'
import type { Operation } from './operation/operation.js'
import { chooseOverrides, type OverrideSettings } from './plan/override-labels.js'
import type { ExecutablePlan } from './plan/plan-store.js'
import { followSignal } from './subgraph-client/cancellation.js'
import type { SubgraphClient } from './subgraph-client/subgraph-client.js'
import type { Generation } from './supergraph/generation.js'

export interface OperationSettings {
  readonly client: SubgraphClient
  /** Headers of a request that subgraphs are sent too, in small letters. */
  readonly forwardHeaders: readonly string[]
  readonly authorization: AccessSettings
  readonly overrides: OverrideSettings
  readonly logger: Logger
}

/** `discreet` takes the logger's place for operations of whose faults no words may be written down. */
export interface PipelineSettings extends OperationSettings {
  readonly discreet: Logger
}

export function pipelineSettings(settings: OperationSettings): PipelineSettings {
  const { client, forwardHeaders, authorization, overrides, logger } = settings
  return { client, forwardHeaders, authorization, overrides, logger, discreet: discreetLogger(logger) }
}

/** An operation ready to run: all that can be refused before anything is fetched has been. */
export interface PreparedOperation {
  readonly generation: Generation
  readonly request: GatewayRequest
  /** As the client sent it: the plan may be of what is left of it for this caller. */
  readonly operation: Operation
  readonly plan: ExecutablePlan
  readonly variables: Readonly<Record<string, unknown>>
  /** Of the answer; null for none. */
  readonly extensions: Readonly<Record<string, unknown>> | null
  /** Says as much of faults as may be said of the operation. */
  readonly logger: Logger
}

/**
 * parse -> validate -> select -> coerce -> weigh -> authorize -> plan; everything but the variables comes from the generation's caches.
 * A promise only where policies must be asked for, or planning takes long.
 */
export function prepareOperation(
  generation: Generation,
  request: GatewayRequest,
  options: PipelineSettings,
  inParts = false,
): PreparedOperation | Promise<PreparedOperation> {
  const { authorization, overrides } = options
  const operation = selectedOperation(generation, request)
  const variables = coerceVariables(generation.apiSchema, operation, request.variables, generation.variableLimits)
  const labels = generation.overrideLabels
  const planned = ({ operation: admitted, extensions }: Admission): PreparedOperation | Promise<PreparedOperation> => {
    const found = generation.plans.planFor(admitted, {
      variables,
      ...(inParts && { deferBy: variables }),
      ...(labels.length > 0 && { overrides: chooseOverrides(labels, request, overrides) }),
    })
    const told = cost === null ? extensions : { ...extensions, ...cost }
    const logger = loggerFor(operation, generation, options)
    const preparedBy = (plan: ExecutablePlan): PreparedOperation => ({
      generation,
      request,
      operation,
      plan,
      variables,
      extensions: told,
      logger,
    })
    return found instanceof Promise ? found.then(preparedBy) : preparedBy(found)
  }
  const cost = generation.demand === null ? null : generation.demand.check(operation, variables)
  const admission = enforceAccess(generation.access, operation, request, variables, authorization)
  return admission instanceof Promise ? admission.then(planned) : planned(admission)
}

function selectedOperation({ documents }: Generation, { document, query, operationName }: GatewayRequest): Operation {
  return documents.select(document ?? documents.read(query), operationName)
}

function loggerFor(operation: Operation, generation: Generation, { logger, discreet }: PipelineSettings): Logger {
  return generation.writtenDown(operation).words ? logger : discreet
}

/** For a fault that may have come before anything is known of the operation. */
function faultLogger(generation: Generation, request: GatewayRequest, options: PipelineSettings): Logger {
  try {
    return loggerFor(selectedOperation(generation, request), generation, options)
  } catch {
    return options.discreet
  }
}

/** fetch -> shape. `data` is what there is already, an event, and `errors` what has gone wrong before. Both grow. */
export async function executePrepared(
  prepared: PreparedOperation,
  options: PipelineSettings,
  data: DataObject = {},
  errors: GatewayError[] = [],
): Promise<ExecutionResult> {
  const { generation, request, plan, variables, extensions, logger } = prepared
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

/** What went wrong, as the result of an operation. Bugs are masked and logged. */
export function refusalResult(
  error: unknown,
  generation: Generation,
  request: GatewayRequest,
  options: PipelineSettings,
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
