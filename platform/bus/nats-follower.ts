import type { JsMsg } from '@nats-io/jetstream'
import { createBacklog } from './backlog.js'
import type { FollowFrom, Reading } from './bus.js'
import { createFollower } from './follower.js'
import { stateOf } from './nats-log-state.js'
import { firstConsumer, type FollowedStream } from './nats-ordered-consumer.js'
import type { NatsParts } from './nats-parts.js'
import { NatsSource } from './nats-source.js'

/** Opens a reading of one stream; what can't be decoded is passed over with a warning. */
export async function openNatsFollower<Item>(
  parts: NatsParts,
  followed: FollowedStream,
  from: FollowFrom,
  { decode, onStop }: { decode(message: JsMsg): Item | undefined; onStop(): void },
): Promise<Reading<Item>> {
  // Before the consumer is made, so that nothing between the two is counted as passed.
  const state = await stateOf(parts, followed.stream)
  const first = await firstConsumer(parts, followed, from, state)
  const source = new NatsSource(parts, followed, { log: state.log, ...first })
  const backlog = createBacklog(first.consumer.num_pending)
  const stop = () => {
    source.stop()
    onStop()
  }
  async function* read(): AsyncGenerator<Item, void, void> {
    try {
      for await (const message of source.messages()) {
        const { subject, info } = message
        const item = decode(message)
        if (item !== undefined) yield item
        else parts.logger.warn({ subject, sequence: info.streamSequence }, 'an unreadable event was passed over')
        backlog.pass(info.pending === 0 || info.streamSequence >= state.last)
      }
    } finally {
      stop()
    }
  }
  const position = { log: state.log, head: state.last, backlog: backlog.size, caughtUp: backlog.caughtUp }
  return createFollower(position, read(), { stop, isCurrent: () => source.isCurrent() })
}
