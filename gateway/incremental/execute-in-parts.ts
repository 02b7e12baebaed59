import type { Logger } from '../../platform/log/logger.js'
import { createDeferredRuns } from '../execute/deferral.js'
import { forwardedHeaders } from '../execute/execution.js'
import type { DataObject } from '../data-object.js'
import type { FoundPart } from '../execute/shaping.js'
import type { GatewayError } from '../gateway-error.js'
import type { GatewayRequest } from '../gateway-request.js'
import type { ExecutablePlan } from '../plan/plan-store.js'
import { followSignal } from '../subgraph-client/cancellation.js'
import type { SubgraphClient } from '../subgraph-client/subgraph-client.js'
import { releaseOnReturn } from './release-on-return.js'
import type { SubgraphEndpoint } from '../subgraph-client/subgraph-endpoint.js'
import { createPartsOfAnswer, type FirstAnswer, type LaterAnswer } from './answer-in-parts.js'

export interface PartsExecution {
  /** One with deferred parts. */
  readonly plan: ExecutablePlan
  readonly request: GatewayRequest
  readonly variables: Readonly<Record<string, unknown>>
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>
  readonly client: SubgraphClient
  readonly forwardHeaders: readonly string[]
  readonly logger: Logger
}

export interface AnswerInParts {
  readonly first: FirstAnswer
  /** One item whenever parts are ready. Returning it, or aborting the request's signal, cancels the rest. */
  readonly later: AsyncGenerator<LaterAnswer, void, void>
}

/** Resolves with the first part of the answer. Throws what a step throws: bugs alone. */
export async function executeInParts(execution: PartsExecution): Promise<AnswerInParts> {
  const { plan, request, variables, forwardHeaders, ...reach } = execution
  const ended = new AbortController()
  const signal = AbortSignal.any([request.signal, ended.signal])
  const cancellation = followSignal(signal)
  let wake = (): void => undefined
  const runs = createDeferredRuns(() => wake())
  const parts = createPartsOfAnswer(runs, plan.deferred ?? new Map<string, string>())
  const end = (): void => {
    ended.abort()
    cancellation.release()
    wake()
  }

  async function* later(): AsyncGenerator<LaterAnswer, void, void> {
    try {
      while (parts.hasNext && !signal.aborted) {
        const woken = new Promise<void>((resolve) => (wake = resolve)) // before looking: a part may be done in between
        const answer = parts.next()
        if (answer === null) await woken
        else yield answer
      }
    } finally {
      end()
    }
  }

  try {
    const data: DataObject = {}
    const errors: GatewayError[] = []
    const found: FoundPart[] = []
    const headers = forwardedHeaders(request, forwardHeaders)
    const { deferral } = runs
    await plan.step?.({ request, variables, data, errors, cancellation, headers, deferral, ...reach })
    const first = parts.first(plan.shape({ data, errors, variables, ids: request.ids, found }), errors, found)
    if (!parts.hasNext) end()
    return { first, later: releaseOnReturn(later(), async () => end()) }
  } catch (error) {
    end()
    throw error
  }
}
