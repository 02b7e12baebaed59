import { GraphQLError, type ExecutionResult } from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { completeRequestError, toGraphQLError } from '../../platform/graphql/graphql-errors.js'
import type { Logger } from '../../platform/log/logger.js'
import { withRequestContext } from '../../platform/log/request-context.js'
import type { GatewayPipeline } from '../gateway-pipeline.js'
import type { GatewayRequest } from '../gateway-request.js'
import type { IncrementalSpec, NumberedResult, PathedResult, WholeResult } from '../incremental/incremental-result.js'
import { releaseOnReturn } from '../incremental/release-on-return.js'

export interface RunOperationOptions {
  readonly pipeline: Pick<GatewayPipeline, 'executeIncrementally'>
  readonly request: Omit<GatewayRequest, 'signal'>
  /** The form of an answer in parts. */
  readonly incrementalSpec: IncrementalSpec
  readonly logger: Logger
}

/** The operation ended, or never began, with these errors as its last word. */
export class OperationRefusedError extends Error {
  readonly errors: readonly GraphQLError[]

  constructor(errors: readonly GraphQLError[]) {
    super('The operation was refused.')
    this.name = 'OperationRefusedError'
    this.errors = errors
  }
}

/** One message of an operation: a result, or a part of one. */
export type OperationResult = ExecutionResult | WholeResult | PathedResult | NumberedResult

/**
 * A query or mutation as a stream of results: one, or with `@defer` several. Nothing runs before the first `next`; returning
 * the stream aborts whatever is under way. Throws OperationRefusedError only.
 */
export function runOperation(options: RunOperationOptions): AsyncGenerator<OperationResult, void, void> {
  const { pipeline, incrementalSpec, logger } = options
  const abort = new AbortController()
  const request: GatewayRequest = { ...options.request, signal: abort.signal }
  let parts: AsyncGenerator<OperationResult, void, void> | undefined

  async function* results(): AsyncGenerator<OperationResult, void, void> {
    try {
      const opened = await pipeline.executeIncrementally(request, incrementalSpec)
      if (!('initialResult' in opened)) {
        yield accepted(opened)
        return
      }
      parts = opened.subsequentResults
      yield opened.initialResult
      for await (const result of opened.subsequentResults) yield result
    } catch (error) {
      throw refusalFor(error, logger)
    }
  }

  const released = releaseOnReturn(results(), async () => {
    abort.abort()
    await parts?.return()
  })
  const stream: AsyncGenerator<OperationResult, void, void> = {
    ...released,
    next: () => withRequestContext(request.ids, () => released.next()),
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}

/** A result without data is a refusal: the protocol has a message of its own for it. */
function accepted(result: ExecutionResult): ExecutionResult {
  const clean = withoutHttp(result)
  if (clean.errors?.length && clean.data === undefined) {
    throw new OperationRefusedError(clean.errors.map(completeRequestError))
  }
  return clean
}

/** `extensions.http` speaks to Apollo Server about the status line; a socket has none. */
function withoutHttp(result: ExecutionResult): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map(errorWithoutHttp) } : result
}

function errorWithoutHttp(error: GraphQLError): GraphQLError {
  if (!('http' in error.extensions)) return error
  const { http, ...extensions } = error.extensions
  void http
  const { nodes, source, positions, path } = error
  return new GraphQLError(error.message, { nodes, source, positions, path, extensions })
}

/** A stream's fault as errors a client may see; what is not an AppError is a bug and masked. */
export function refusalFor(error: unknown, logger: Logger): OperationRefusedError {
  if (error instanceof OperationRefusedError) return error
  if (!(error instanceof AppError)) logger.error({ err: error }, 'unexpected error')
  const refusal = error instanceof AppError ? error : new AppError('INT_INTERNAL_ERROR', { cause: error })
  return new OperationRefusedError([errorWithoutHttp(toGraphQLError(refusal))])
}
