/**
 * Work whose time would tell strangers something, done after the answer. In: pieces of work. Out: nothing that whoever asked
 * could wait for. Pieces are done one after the other, each some time after it was given, when the answer has left: also the
 * processor time of their beginning is not the answer's.
 */
import type { Logger } from '../../../platform/log/logger.js'
import type { Afterwards } from '../domain/afterwards.js'

export interface AfterwardsOptions {
  readonly logger: Logger
  /** Pieces of work that may wait. */
  readonly most?: number
  readonly delayMs?: number
}

const MOST = 256 // a flood is not to become a queue without an end
const DELAY_MS = 50 // answers leave within a few

export function createAfterwards({ logger, most = MOST, delayMs = DELAY_MS }: AfterwardsOptions): Afterwards {
  let waiting = 0
  let isClosing = false
  let last = Promise.resolve()
  let hurry = (): void => undefined
  const hurried = new Promise<void>((resolve) => (hurry = resolve))

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, isClosing ? 0 : delayMs)
      void hurried.then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  return {
    run(what, work) {
      if (waiting >= most) {
        logger.warn({ what }, 'something was not done after an answer: too much waits')
        return false
      }
      waiting += 1
      const due = pause()
      last = last
        .then(() => due)
        .then(work)
        .then(
          () => undefined,
          (error: unknown) => logger.error({ err: error, what }, 'something could not be done after an answer'),
        )
        .finally(() => (waiting -= 1))
      return true
    },
    async close() {
      isClosing = true
      hurry()
      await last
    },
  }
}
