import { z } from 'zod'
import { GraphqlRequestError, errorsOf } from '../graphql-request-error.js'
import { StreamLostError } from './stream-lost-error.js'

/** What to do after an operation has ended in another way than by completing. */
export type Ending =
  /** The connection is gone: go on over another one. */
  | { readonly kind: 'cut' }
  /** The stream was ended in a way that its cursor goes on from, on the same connection. */
  | { readonly kind: 'resume'; readonly error: GraphqlRequestError }
  /** The same, with a newer token. */
  | { readonly kind: 'renew'; readonly error: GraphqlRequestError }
  /** The log does not reach back to the cursor. */
  | { readonly kind: 'expired'; readonly error: GraphqlRequestError }
  | { readonly kind: 'refused'; readonly error: Error }

/** Codes of docs/errors.md that say nothing against the stream itself. */
const RESUMED = new Set([
  'SUBSCRIPTION_LAGGING',
  'SUBSCRIPTION_SOURCE_UNAVAILABLE',
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_BAD_RESPONSE',
])
const RENEWED = new Set(['SUBSCRIPTION_TOKEN_EXPIRED', 'AUTH_TOKEN_EXPIRED'])

const closeEvent = z.object({ code: z.number(), reason: z.string() })
export type Closure = z.output<typeof closeEvent>

/** What graphql-ws hands on when a socket closes; null for anything else. */
export function closureOf(event: unknown): Closure | null {
  // an Event's properties are getters of its prototype, which zod does not see in a plain object check
  const { code, reason } = Object(event) as { code?: unknown; reason?: unknown }
  return closeEvent.safeParse({ code, reason }).data ?? null
}

/**
 * Close codes after which another connection fares no better: RFC 6455's protocol errors, and those that
 * graphql-transport-ws gives to clients at fault.
 */
const FATAL = new Set([1002, 1003, 1007, 1008, 1009, 1010, 4004, 4005, 4400, 4401, 4403, 4406, 4409, 4429, 4500])

/** Whether the server closed because the token is too old: with a newer one the next connection stands. */
export function isAboutToken(closure: Closure | null): boolean {
  return (closure?.code === 4401 || closure?.code === 4403) && RENEWED.has(closure.reason)
}

/** Reads the error that graphql-ws ended an operation with: a list of errors, a close event, or a fault of the connection. */
export function howItEnded(error: unknown): Ending {
  if (Array.isArray(error)) return refusal(new GraphqlRequestError(errorsOf({ errors: error })))
  const closure = closureOf(error)
  if (closure === null || !FATAL.has(closure.code) || isAboutToken(closure)) return { kind: 'cut' }
  const code = /^[A-Z]+(_[A-Z]+)+$/.test(closure.reason) ? closure.reason : 'CONNECTION_LOST'
  const message = `The gateway closed the connection for good: ${closure.code} ${closure.reason}`
  return { kind: 'refused', error: new StreamLostError(code, message.trim(), { cause: error }) }
}

function refusal(error: GraphqlRequestError): Ending {
  const { code = '' } = error
  if (RESUMED.has(code)) return { kind: 'resume', error }
  if (RENEWED.has(code)) return { kind: 'renew', error }
  return { kind: code === 'CURSOR_EXPIRED' ? 'expired' : 'refused', error }
}

const hint = z.object({ retryMs: z.number().nonnegative() })

/** How long a gateway that is going away asks its clients to wait (close 1012, reason `{"retryMs":n}`); null where it does not say. */
export function retryHintOf(closure: Closure | null): number | null {
  try {
    return hint.safeParse(JSON.parse(closure?.reason ?? '')).data?.retryMs ?? null
  } catch {
    return null // a reason in words
  }
}
