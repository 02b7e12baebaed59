import { AsyncLocalStorage } from 'node:async_hooks'
import { randomFillSync } from 'node:crypto'

/** What every log line of one request carries, however deep the call. */
export interface RequestContext {
  readonly requestId: string
  /** 32 hex digits: W3C trace id. */
  readonly traceId: string
}

const storage = new AsyncLocalStorage<RequestContext>()

let within = 0 // contexts that have not ended

/**
 * Runs `work` so that log lines and errors below it name the request. The context ends with `work`, with the promise it gives,
 * or with `until`. Where none is left it is switched off: on Node 20 it costs every promise of the process something. `for good`
 * is for work that goes on by itself, nobody knows how long.
 */
export function withRequestContext<T>(
  context: RequestContext,
  work: () => T,
  until?: Promise<unknown> | 'for good',
): T {
  within += 1
  let lasting = until
  try {
    const result = storage.run(context, work)
    if (result instanceof Promise) lasting ??= result
    return result
  } finally {
    if (lasting === undefined) leave()
    else if (lasting !== 'for good') lasting.then(leave, leave)
  }
}

function leave(): void {
  within -= 1
  if (within === 0) storage.disable()
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
    traceId: traced ?? randomHex(TRACE_ID_BYTES),
    requestId: typeof requestId === 'string' && REQUEST_ID.test(requestId) ? requestId : randomHex(REQUEST_ID_BYTES),
  }
}

/** The `traceparent` header for a call made on behalf of this request; the span id is new, sampling is left on. */
export function traceparentOf(context: RequestContext): string {
  return `00-${context.traceId}-${randomHex(8)}-01`
}

const TRACE_ID_BYTES = 16
const REQUEST_ID_BYTES = 16
const store = Buffer.allocUnsafeSlow(4_096) // random bytes cost a system call, however few they are
let used = store.length

function randomHex(bytes: number): string {
  if (used + bytes > store.length) {
    randomFillSync(store)
    used = 0
  }
  used += bytes
  return store.toString('hex', used - bytes, used)
}
