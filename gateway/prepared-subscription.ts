import { requestContextFromHeaders } from '../platform/log/request-context.js'
import type { GatewayRequest } from './gateway-request.js'
import { snapshotQuery } from './operation/snapshot-query.js'
import {
  executePrepared,
  pipelineSettings,
  prepareOperation,
  refusalResult,
  type OperationSettings,
  type PipelineSettings,
  type PreparedOperation,
} from './prepared-operation.js'
import type { CreateLiveField } from './subscriptions/feeds/create-live-field.js'
import type { LivePipeline, PreparedLive } from './subscriptions/live/live-pipeline.js'
import { shareKeyOf } from './subscriptions/live/share-key.js'
import type { Generation } from './supergraph/generation.js'

export interface LivePipelineOptions extends OperationSettings {
  readonly currentGeneration: () => Generation
  readonly createLiveField: CreateLiveField
}

type Settings = PipelineSettings & Pick<LivePipelineOptions, 'createLiveField'>

/** The pipeline of queries and mutations as the hub of live streams takes its subscriptions through it. */
export function createLivePipeline(options: LivePipelineOptions): LivePipeline {
  const settings = { ...pipelineSettings(options), createLiveField: options.createLiveField }
  return { prepare: (request) => prepareOn(options.currentGeneration(), request, settings) }
}

function prepareOn(
  generation: Generation,
  request: GatewayRequest,
  options: Settings,
): PreparedLive | Promise<PreparedLive> {
  const prepared = prepareOperation(generation, request, options)
  return prepared instanceof Promise
    ? prepared.then((settled) => subscriptionOf(settled, options))
    : subscriptionOf(prepared, options)
}

function subscriptionOf(prepared: PreparedOperation, options: Settings): PreparedLive {
  const { generation, request, operation, plan, variables, extensions, logger } = prepared
  const { forwardHeaders, createLiveField } = options
  return {
    generation: generation.number,
    plan,
    // the document is held on to: however many others there are, it is neither read nor planned again
    readmit: (again) => prepareOn(generation, { ...again, document: operation.document }, options),
    field: () =>
      plan.primary === null ? null : createLiveField(generation, plan.primary, { ...request, variables }, logger),
    shareKey(audience) {
      const needs = generation.access?.needsOf(operation) ?? null
      return shareKeyOf({ request, plan, fetches: plan.step !== null, needs, extensions, forwardHeaders }, audience)
    },
    async answer(event, signal) {
      const running = { ...prepared, request: runningRequest(request, signal) }
      try {
        return await executePrepared(running, options, { ...event?.data }, [...(event?.errors ?? [])])
      } catch (error) {
        return refusalResult(error, generation, running.request, options)
      }
    },
    async ask(query, given, signal) {
      const { caller, ids, headers = {} } = request
      const asked = { query, variables: given, operationName: undefined, caller, ids, headers, signal }
      try {
        return await executePrepared(await prepareOperation(generation, asked, options), options)
      } catch (error) {
        return refusalResult(error, generation, asked, options)
      }
    },
    snapshotBy: (field) => ({
      query: snapshotQuery(generation.apiSchema, operation, variables, field),
      variables: request.variables,
    }),
  }
}

/** Every event's fetches and errors are a trace of their own, whoever's subscription they are done for. */
function runningRequest(request: GatewayRequest, signal: AbortSignal): GatewayRequest {
  const { query, operationName, variables, caller, headers = {} } = request
  return { query, operationName, variables, caller, headers, signal, ids: requestContextFromHeaders({}) }
}
