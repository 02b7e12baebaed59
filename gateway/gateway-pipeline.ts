import type { ExecutionResult } from 'graphql'
import type { GatewayRequest } from './gateway-request.js'
import type { IncrementalResult, IncrementalSpec } from './incremental/incremental-result.js'

/** The pipeline behind every door: parse, validate, plan, execute, shape. Results carry masked, coded errors. */
export interface GatewayPipeline {
  /** Queries and mutations. Never rejects: faults are in `errors`. */
  execute(request: GatewayRequest): Promise<ExecutionResult>
  /**
   * As `execute`, for a client that takes `@defer` in this form: an answer in parts where something is deferred, one result
   * otherwise. `execute` takes no notice of `@defer`.
   */
  executeIncrementally(request: GatewayRequest, spec: IncrementalSpec): Promise<ExecutionResult | IncrementalResult>
  /** Subscriptions: a stream of results, or one result with `errors` when it can't begin. Returning the iterator releases its source. */
  subscribe(request: GatewayRequest): Promise<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult>
}
