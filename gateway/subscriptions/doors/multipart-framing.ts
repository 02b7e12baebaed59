import type { LiveMessage } from '../live/live-operation.js'
import { framedOnce, type FramedMessage, type StreamFraming } from './stream-framing.js'

/** Each part ends with the boundary of the next: a client acts on a part when it sees where it ends. */
const BOUNDARY = '\r\n--graphql'
const BEGINNING = '\r\ncontent-type: application/json\r\n\r\n'
const END = '--\r\n'

/**
 * Apollo's protocol for subscriptions over multipart answers:
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol. Refusals of an operation are
 * its result; what ends a stream that had begun is an error of the transport, beside a payload of null.
 */
export const multipartFraming: StreamFraming = {
  kind: 'multipart',
  contentType: 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0',
  opening: BOUNDARY,
  heartbeat: part({}),
  beginning: () => '',
  framed: framedOnce(frame),
  failure: (errors, began) => part(began ? { payload: null, errors } : { payload: { errors } }) + END,
  completion: END,
  goodbye: (_retryMs, error) => part({ payload: null, errors: [error] }) + END,
}

function part(content: object): string {
  return `${BEGINNING}${JSON.stringify(content)}${BOUNDARY}`
}

const PREFIX = Buffer.from(`${BEGINNING}{"payload":`)
const ENDING = `}${BOUNDARY}`

function frame({ head }: LiveMessage): FramedMessage {
  return { shared: Buffer.concat([PREFIX, head]), ending: (tail) => tail + ENDING }
}
