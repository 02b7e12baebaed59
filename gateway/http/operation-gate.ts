import type { Request, RequestHandler } from 'express'
import type { GraphQLFormattedError } from 'graphql'
import { OperationRefused } from '../gateway-error.js'
import type { DocumentStore } from '../operation/document-store.js'
import { answerType, contentTypeOf, statusOf } from './answer-rules.js'

export interface OperationGateOptions {
  readonly documents: () => Pick<DocumentStore, 'admit'>
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError
}

/**
 * Holds documents to the limits before Apollo Server sees them: its parser and validators have no measure of their own, and
 * a small document can keep them busy for seconds, or overflow their stack. A hash in place of a document was once admitted.
 */
export function operationGate({ documents, formatError }: OperationGateOptions): RequestHandler {
  return (req, res, next) => {
    const query = documentOf(req)
    if (query === null) return next()
    try {
      documents().admit(query)
    } catch (error) {
      if (!(error instanceof OperationRefused)) return next(error)
      const type = answerType(req.headers.accept) ?? 'application/json'
      const errors = error.errors.map((one) => formatError(one.toJSON(), one))
      res.status(statusOf({ errors }, type)).setHeader('content-type', contentTypeOf(type))
      res.setHeader('cache-control', 'no-store')
      return void res.send(JSON.stringify({ errors }))
    }
    return next()
  }
}

function documentOf({ method, body, query }: Request): string | null {
  const carrier: unknown = method === 'GET' ? query : body
  if (typeof carrier !== 'object' || carrier === null || !('query' in carrier)) return null
  return typeof carrier.query === 'string' && carrier.query !== '' ? carrier.query : null
}
