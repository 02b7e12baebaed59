import { OperationTypeNode } from 'graphql'
import { OperationRefused } from '../../gateway-error.js'
import type { OperationTypeOf } from '../../operation/operation-type.js'
import type { TextOf } from '../../operation/persisted-texts.js'
import { acceptedStreams, type StreamKind } from './accepted-stream.js'
import { readStreamRequest, type CarryingRequest, type StreamRequest } from './stream-request.js'

export interface WantedStreamOptions {
  readonly textOf: TextOf
  readonly operationTypeOf: OperationTypeOf
}

export interface WantedStream {
  readonly request: StreamRequest
  readonly kind: StreamKind
  /** Refused where it is named by a hash that is not known, or not its text's. */
  readonly what: 'subscription' | 'answer' | OperationRefused
}

/** The operation and the way its answer is to come; null for what the other lanes answer. */
export function wantedStream(
  req: CarryingRequest,
  { textOf, operationTypeOf }: WantedStreamOptions,
): WantedStream | null {
  const { method, headers } = req
  if (method !== 'GET' && method !== 'POST') return null
  const { subscription, prefersEvents } = acceptedStreams(headers.accept)
  if (subscription === null) return null
  const named = readStreamRequest(req)
  if (named === null) return null
  const query = textOrRefusal(named, textOf)
  if (query instanceof OperationRefused) return prefersEvents ? { request: named, kind: 'sse', what: query } : null
  const request = { ...named, query }
  const type = operationTypeOf(request)
  if (type === OperationTypeNode.SUBSCRIPTION) return { request, kind: subscription, what: 'subscription' }
  const isRefused = type === OperationTypeNode.MUTATION && method === 'GET'
  return prefersEvents && !isRefused ? { request, kind: 'sse', what: 'answer' } : null
}

function textOrRefusal(named: StreamRequest, textOf: TextOf): string | OperationRefused {
  try {
    return textOf(named)
  } catch (error) {
    if (error instanceof OperationRefused) return error
    throw error
  }
}
