import type { Logger } from '../../../platform/log/logger.js'
import { openSweeper, type Sweeper } from '../../../platform/service/open-sweeper.js'
import { RESTORABLE_MS } from '../domain/edit-people.js'
import { ask, openForgone, takeDue } from '../persistence/prisma-erasures.js'
import type { Transact } from '../persistence/transact.js'

export interface ErasureWorkerOptions {
  readonly transact: Transact
  readonly logger: Logger
  readonly now: () => Date
  /** How often what is due is looked for. */
  readonly everyMs: number
  /** After so long without an answer services are asked again. */
  readonly askAgainMs: number
}

/** Begins erasures whose time has come, and of those who hid themselves for good, and asks again where an answer is missing. Replicas share the work. */
export function openErasureWorker({ transact, logger, now, everyMs, askAgainMs }: ErasureWorkerOptions): Sweeper {
  return openSweeper({
    async sweep() {
      await transact(async (transaction) => {
        const at = now()
        await openForgone(transaction, at, new Date(at.getTime() - RESTORABLE_MS))
        const due = await takeDue(transaction, at, new Date(at.getTime() - askAgainMs))
        for (const erasure of due) await ask(transaction, erasure, at)
        const again = due.filter(({ state }) => state === 'ERASING').length
        if (again > 0) logger.warn({ again }, 'services were asked again to erase somebody')
      })
    },
    everyMs,
    logger,
    failure: 'erasures could not be taken on just now',
  })
}
