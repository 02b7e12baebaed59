import type { FollowedEvent, Follower } from './bus.js'

/** Where a follower stands in its log when it is opened. */
export type FollowerPosition = Pick<Follower, 'log' | 'head' | 'backlog'>

/**
 * A follower out of a generator of events. `stop` must let the generator end soon, also when it waits; it is called by
 * `close` and when a `for await` is left, because `return` on a generator that waits would wait with it.
 */
export function createFollower(
  position: FollowerPosition,
  events: AsyncGenerator<FollowedEvent, void, void>,
  stop: () => void,
): Follower {
  const iterator: AsyncIterator<FollowedEvent, void, void> = {
    next: () => events.next(),
    async return() {
      stop()
      return events.return()
    },
  }
  return {
    ...position,
    [Symbol.asyncIterator]: () => iterator,
    async close() {
      stop()
      await events.return()
    },
  }
}
