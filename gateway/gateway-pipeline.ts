import type { ExecutionResult } from 'graphql'
import type { GatewayRequest } from './gateway-request.js'
import type { IncrementalResult, IncrementalSpec } from './incremental/incremental-result.js'

/** The pipeline behind every door: parse, validate, plan, execute, shape. Results carry masked, coded errors. Subscriptions go through the hub. */
export interface GatewayPipeline {
  /** Queries and mutations. Never rejects: faults are in `errors`. */
  execute(request: GatewayRequest): Promise<ExecutionResult>
  /**
   * As `execute`, for a client that takes `@defer` in this form: an answer in parts where something is deferred, one result
   * otherwise. `execute` takes no notice of `@defer`.
   */
  executeIncrementally(request: GatewayRequest, spec: IncrementalSpec): Promise<ExecutionResult | IncrementalResult>
}
