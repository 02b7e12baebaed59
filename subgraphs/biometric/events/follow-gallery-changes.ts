import { setTimeout as delay } from 'node:timers/promises'
import type { Bus, Follower } from '../../../platform/bus/bus.js'
import type { Logger } from '../../../platform/log/logger.js'
import { galleryChanged } from '../../../schema/contracts/gallery-changed.js'

interface FollowParts {
  readonly bus: Bus
  readonly logger: Logger
  /** Reads what has changed; called once at the begin, and again whenever something may have changed. */
  readonly changed: () => Promise<void>
}

const AGAIN_AFTER_MS = 5_000

/**
 * Follows the changes of galleries, of this replica and of others, for as long as it is open. A bus that is away, or has lost
 * events, is no harm: what changed is read from the database anyway.
 */
export function followGalleryChanges({ bus, logger, changed }: FollowParts): { close(): Promise<void> } {
  const closing = new AbortController()
  let follower: Follower | null = null
  const follow = async () => {
    follower = await bus.follow(galleryChanged.filter, 'new')
    if (closing.signal.aborted) return follower.close()
    await changed() // what came before it
    for await (const _event of follower) await changed()
  }
  const goOn = async () => {
    while (!closing.signal.aborted) {
      try {
        await follow()
      } catch (error) {
        if (closing.signal.aborted) return
        logger.warn({ err: error }, 'changes of galleries are not followed just now')
        await delay(AGAIN_AFTER_MS, undefined, { signal: closing.signal }).catch(() => undefined)
      }
    }
  }
  const ended = goOn()
  return {
    async close() {
      closing.abort()
      await follower?.close()
      await ended
    },
  }
}
