import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

/** What every log line of one request carries, however deep the call. */
export interface RequestContext {
  readonly requestId: string
  /** 32 hex digits: W3C trace id. */
  readonly traceId: string
}

const storage = new AsyncLocalStorage<RequestContext>()

/** Runs `work` so that log lines and errors below it name the request. */
export function withRequestContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work)
}

export function currentRequestContext(): RequestContext | undefined {
  return storage.getStore()
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/**
 * The request's ids from its headers: `traceparent` (W3C Trace Context) and `x-request-id`. What is missing or malformed is
 * made anew, so that a client can neither forge log lines nor leave a request without a name.
 */
export function requestContextFromHeaders(headers: Record<string, string | string[] | undefined>): RequestContext {
  const traceparent = headers['traceparent']
  const requestId = headers['x-request-id']
  const traced = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined
  return {
    traceId: traced ?? newTraceId(),
    requestId: typeof requestId === 'string' && REQUEST_ID.test(requestId) ? requestId : randomUUID(),
  }
}

/** The `traceparent` header for a call made on behalf of this request; the span id is new, sampling is left on. */
export function traceparentOf(context: RequestContext): string {
  return `00-${context.traceId}-${newTraceId().slice(0, 16)}-01`
}

function newTraceId(): string {
  const id = randomUUID() // of node:crypto, which keeps random bytes in store
  return id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24)
}
