import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'

/** The ways in which answers that go on come over HTTP. */
export type StreamKind = 'sse' | 'multipart'

export interface AcceptedStreams {
  /** The way for a subscription, null where the client names none: then it is told how to ask. */
  readonly subscription: StreamKind | null
  /** Whether the client would rather have events than JSON: then queries and mutations are answered so too. */
  readonly prefersEvents: boolean
}

const SSE = 'text/event-stream'
const MULTIPART = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0'
const SINGLE = ['application/json', 'application/graphql-response+json']

const none: AcceptedStreams = { subscription: null, prefersEvents: false }
const known = new LRUCache<string, AcceptedStreams>({ max: 100 }) // clients send a handful

/** What an `Accept` header takes. A type must be named: a client that takes anything need not know of streams. */
export function acceptedStreams(accept: string | undefined): AcceptedStreams {
  if (accept === undefined) return none
  const named = [
    ...(accept.includes(SSE) ? [SSE] : []),
    ...(/subscriptionspec="?1\.0"?/i.test(accept) ? [MULTIPART] : []),
  ]
  if (named.length === 0) return none
  const earlier = known.get(accept)
  if (earlier !== undefined) return earlier
  const negotiator = new Negotiator({ headers: { accept } })
  const preferred = negotiator.mediaType(named)
  const accepted: AcceptedStreams = {
    subscription: preferred === SSE ? 'sse' : preferred === MULTIPART ? 'multipart' : null,
    prefersEvents: negotiator.mediaType([...SINGLE, SSE]) === SSE,
  }
  known.set(accept, accepted)
  return accepted
}
