import type { GraphQLFormattedError } from 'graphql'
import type { GatewayPipeline } from '../../gateway-pipeline.js'
import type { GatewayRequest } from '../../gateway-request.js'
import type { IncrementalSpec } from '../../incremental/incremental-result.js'
import type { HttpStream } from './http-stream.js'
import { sseResult } from './sse-framing.js'

export interface AnswerByEventsOptions {
  readonly pipeline: Pick<GatewayPipeline, 'executeIncrementally'>
  readonly request: GatewayRequest
  readonly spec: IncrementalSpec
  readonly stream: HttpStream
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError
}

/**
 * A query or mutation as a stream of events: its answer, or the parts of it, then `complete`. A refusal is an answer too, as
 * the protocol has it. Rejects for bugs alone.
 */
export async function answerByEvents({
  pipeline,
  request,
  spec,
  stream,
  formatError,
}: AnswerByEventsOptions): Promise<void> {
  const answered = await pipeline.executeIncrementally(request, spec)
  if ('initialResult' in answered) {
    stream.write(sseResult(JSON.stringify(answered.initialResult)))
    for await (const part of answered.subsequentResults) stream.write(sseResult(JSON.stringify(part)))
  } else {
    const errors = answered.errors?.map((error) => formatError(error.toJSON(), error))
    stream.write(sseResult(JSON.stringify(errors === undefined ? answered : { ...answered, errors })))
  }
  stream.complete()
}
