import type { IncomingHttpHeaders } from 'node:http'
import type { Request, Response } from 'express'
import { AppError } from '../../platform/errors/app-error.js'
import { toGraphQLError } from '../../platform/graphql/graphql-errors.js'
import { clientAddress } from '../../platform/identity/client-headers.js'
import {
  currentRequestContext,
  requestContextFromHeaders,
  type RequestContext,
} from '../../platform/log/request-context.js'
import type { Caller } from '../gateway-request.js'
import type { IncrementalResult } from '../incremental/incremental-result.js'
import type { IdentifyCaller } from '../identity/identify-caller.js'
import { refuseUnexecutable } from './answer-rules.js'

/** What Apollo Server carries from the HTTP request to the executor, and shows to its plugins. */
export class OperationContext {
  readonly caller: Caller
  readonly ids: RequestContext
  readonly headers: IncomingHttpHeaders
  /** Aborted when the client closes the connection before its answer is complete. */
  readonly signal: AbortSignal
  /** Set by the executor where it has begun an answer in parts: what it returned is the first of them. */
  inParts: IncrementalResult | null = null

  constructor(caller: Caller, ids: RequestContext, headers: IncomingHttpHeaders, signal: AbortSignal) {
    this.caller = caller
    this.ids = ids
    this.headers = headers
    this.signal = signal
  }
}

/** Throws GraphQLError with the code and HTTP status of the refusal. */
export async function createOperationContext(
  req: Request,
  res: Response,
  identify: IdentifyCaller,
): Promise<OperationContext> {
  refuseUnexecutable(req.method, req.headers)
  const ids = currentRequestContext() ?? requestContextFromHeaders(req.headers)
  try {
    const caller = await identify(req.headers, clientAddress(req.ip, req.socket.remoteAddress))
    return new OperationContext(caller, ids, req.headers, goneSignal(res))
  } catch (error) {
    throw error instanceof AppError ? toGraphQLError(error) : error
  }
}

function goneSignal(res: Response): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) gone.abort()
  })
  return gone.signal
}
