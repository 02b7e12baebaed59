import type { LiveMessage } from '../live/live-operation.js'
import { framedOnce, type FramedMessage, type StreamFraming } from './stream-framing.js'

/** One result that is not shared. */
export function sseResult(json: string): string {
  return `event: next\ndata: ${json}\n\n`
}

const COMPLETION = 'event: complete\ndata:\n\n' // without data no EventSource would tell of it

/**
 * Server-Sent Events: https://html.spec.whatwg.org/multipage/server-sent-events.html, with the events of the distinct
 * connections mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Beside each answer stands its cursor
 * as the event's id, which an EventSource sends back as Last-Event-ID. A stream that ends without `complete` is to be
 * opened again.
 */
export const sseFraming: StreamFraming = {
  kind: 'sse',
  contentType: 'text/event-stream; charset=utf-8',
  opening: ':\n\n', // proxies pass on the head once something follows it
  heartbeat: ':\n\n',
  beginning: (cursor) => `id: ${cursor}\n\n`, // without data: section 9.2.6 has it kept and no event told
  framed: framedOnce(frame),
  failure: (errors) => sseResult(JSON.stringify({ errors })) + COMPLETION,
  completion: COMPLETION,
  goodbye: (retryMs) => `retry: ${retryMs}\n\n`,
}

const PREFIX = Buffer.from('event: next\ndata: ')

function frame({ head }: LiveMessage): FramedMessage {
  const begun = begunCursor(head)
  return {
    shared: Buffer.concat([PREFIX, head]),
    ending(tail) {
      if (begun === null) return `${tail}\n\n`
      return `${tail}\nid: ${begun}${tail.slice(0, tail.indexOf('"'))}\n\n`
    },
  }
}

const CURSOR = '"cursor":"'

/** A cursor's part that all receivers share, where the head ends within one; the tail goes on with it up to its quote. */
function begunCursor(head: Buffer): string | null {
  const at = head.lastIndexOf(CURSOR)
  if (at < 0) return null
  const rest = head.toString('latin1', at + CURSOR.length)
  return rest.includes('"') ? null : rest
}
