import type { Reading } from './bus.js'

/** Where a follower stands in its log when it is opened. */
export type FollowerPosition = Pick<Reading<unknown>, 'log' | 'head' | 'backlog' | 'caughtUp'>

/**
 * A follower out of a generator of events. `stop` must let the generator end soon, also when it waits; it is called by
 * `close` and when a `for await` is left, because `return` on a generator that waits would wait with it.
 */
export function createFollower<Item>(
  position: FollowerPosition,
  events: AsyncGenerator<Item, void, void>,
  { stop, isCurrent }: { readonly stop: () => void; readonly isCurrent: () => Promise<boolean> },
): Reading<Item> {
  const iterator: AsyncIterator<Item, void, void> = {
    next: () => events.next(),
    async return() {
      stop()
      return events.return()
    },
  }
  return {
    ...position,
    [Symbol.asyncIterator]: () => iterator,
    isCurrent,
    async close() {
      stop()
      await events.return()
    },
  }
}
