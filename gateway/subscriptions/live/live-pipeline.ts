import type { ExecutionResult } from 'graphql'
import type { GatewayRequest } from '../../gateway-request.js'
import type { LiveField, ProjectedEvent } from '../feeds/live-field.js'

/** What the hub needs of the gateway's pipeline: everything about GraphQL is behind it. */
export interface LivePipeline {
  /**
   * Parses, validates, weighs, admits and plans on the supergraph in use. Throws AppError and OperationRefused. A promise only
   * where policies must be asked for.
   */
  prepare(request: GatewayRequest): PreparedLive | Promise<PreparedLive>
}

/** A subscription ready to run, as a certain caller may. */
export interface PreparedLive {
  readonly generation: number
  /** The same object wherever the same is fetched and answered, on one supergraph. */
  readonly plan: object
  /** The same operation on the same supergraph, for this request's caller as they stand now. Throws as `prepare`. */
  readmit(request: GatewayRequest): PreparedLive | Promise<PreparedLive>
  /** Null for an operation without events, which is answered once. Throws what `createLiveField` throws. */
  field(): LiveField | null
  /**
   * Subscriptions of equal keys, feeds and projections are served by one execution: the same operation and variables, and
   * callers whose answers can't differ. `audience` as in LiveField.
   */
  shareKey(audience: readonly string[] | null): string
  /** Runs what follows the event, or for an operation without events all of it. Never rejects. */
  answer(event: ProjectedEvent | null, signal: AbortSignal): Promise<ExecutionResult>
  /** Another operation on the same supergraph for the same caller, e.g. a guard. Never rejects. */
  ask(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ExecutionResult>
  /** Text and variables of the query that has this field of Query answer the subscription's selection. */
  snapshotBy(field: string): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> }
}
