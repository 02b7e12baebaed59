import type { Logger } from '../../../platform/log/logger.js'
import type { GatewayPipeline } from '../../gateway-pipeline.js'
import type { GatewayRequest } from '../../gateway-request.js'
import type { IncrementalSpec } from '../../incremental/incremental-result.js'
import { refusalFor, runOperation } from '../run-operation.js'
import type { HttpStream } from './http-stream.js'
import { sseResult } from './sse-framing.js'

export interface AnswerByEventsOptions {
  readonly pipeline: Pick<GatewayPipeline, 'executeIncrementally'>
  readonly request: Omit<GatewayRequest, 'signal'>
  readonly incrementalSpec: IncrementalSpec
  readonly stream: HttpStream
  readonly logger: Logger
}

/** A query or mutation as a stream of events: its answer, or the parts of it, then `complete`. Cancelled when the client leaves. */
export async function answerByEvents({ stream, ...options }: AnswerByEventsOptions): Promise<void> {
  const results = runOperation(options)
  stream.onClose(() => void results.return().catch(() => undefined)) // what fails now is for nobody
  try {
    for await (const result of results) stream.write(sseResult(JSON.stringify(result)))
    stream.complete()
  } catch (error) {
    stream.error(refusalFor(error, options.logger).errors.map((refusal) => refusal.toJSON()))
  }
}
