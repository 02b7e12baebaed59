import { setImmediate as nextTurn } from 'node:timers/promises'
import { createSignal } from '../../../../platform/bus/signal.js'
import { releaseOnReturn } from '../../../incremental/release-on-return.js'
import type { FeedEvent } from '../event-feed.js'

/** Events on their way from a source that brings them to one reader that takes them. */
export interface EventQueue {
  push(event: FeedEvent, bytes: number): void
  /** Nothing more comes. What is queued is still read; then the reader ends, or throws the fault. */
  end(fault: Error | null): void
  /** The reader has gone: forgets what is queued. */
  close(): void
  /** Whether the source is asked to wait. */
  readonly isFull: boolean
  readonly events: AsyncGenerator<FeedEvent, void, void>
}

/** Asked to wait and to go on, so that a queue stays small. */
export interface QueueSource {
  pause(): void
  resume(): void
}

const FULL_COUNT = 256 // a read of 64 KiB brings as many small ones
const FULL_BYTES = 1_048_576

/** `release` is called when the reader leaves. */
export function createEventQueue(source: QueueSource, release: () => void): EventQueue {
  const queued: { readonly event: FeedEvent; readonly bytes: number }[] = []
  const signal = createSignal()
  let bytes = 0
  let isFull = false
  let over: { readonly fault: Error | null } | null = null

  const take = (): FeedEvent | undefined => {
    const first = queued.shift()
    if (first === undefined) return undefined
    bytes -= first.bytes
    if (isFull && queued.length <= FULL_COUNT / 2 && bytes <= FULL_BYTES / 2) {
      isFull = false
      source.resume()
    }
    return first.event
  }
  async function* read(): AsyncGenerator<FeedEvent, void, void> {
    // results may come along with the acceptance: whoever has opened the feed takes its place before they are handed out
    await nextTurn()
    for (;;) {
      const event = take()
      if (event !== undefined) yield event
      else if (over === null) await signal.wait()
      else if (over.fault === null) return
      else throw over.fault
    }
  }
  const end = (fault: Error | null): void => {
    over ??= { fault }
    signal.wake()
  }
  const close = (): void => {
    queued.length = 0
    bytes = 0
    over = { fault: null }
    signal.wake()
  }
  return {
    push(event, size) {
      if (over !== null) return
      queued.push({ event, bytes: size })
      bytes += size
      if (!isFull && (queued.length >= FULL_COUNT || bytes >= FULL_BYTES)) {
        isFull = true
        source.pause()
      }
      signal.wake()
    },
    end,
    close,
    get isFull() {
      return isFull
    },
    events: releaseOnReturn(read(), async () => {
      close()
      release()
    }),
  }
}
