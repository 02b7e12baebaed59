import type { Consumer } from '../../../platform/bus/bus.js'
import type { FindLostWork } from '../domain/find-lost-work.js'
import { onGenerationRequested, type OnGenerationRequestedParts } from './on-generation-requested.js'

export interface WorkersOptions extends Omit<OnGenerationRequestedParts, 'closing'> {
  /** Requests worked on at the same time by this replica. */
  readonly concurrency: number
  readonly findLostWork: FindLostWork
  /** How often lost work is looked for. */
  readonly searchEveryMs: number
}

export interface Workers {
  /** Takes up nothing more, hands back what is under way for another worker to take up, then stops. */
  close(): Promise<void>
}

/** The workers of this replica, and the search for what other workers have lost. */
export async function openWorkers(options: WorkersOptions): Promise<Workers> {
  const closing = new AbortController()
  const consumers: Consumer[] = []
  const close = async () => {
    closing.abort()
    clearInterval(timer)
    await Promise.all([...consumers.map((consumer) => consumer.close()), searching])
  }
  const search = async (everything: boolean) => {
    try {
      const count = await options.findLostWork({ everything })
      if (count > 0) options.logger.info({ count }, 'requests that nobody worked on were announced again')
    } catch (error) {
      options.logger.warn({ err: error }, 'the search for lost requests failed and is repeated')
    }
  }
  let searching = search(true)
  const timer = setInterval(() => {
    searching = searching.then(() => (closing.signal.aborted ? undefined : search(false)))
  }, options.searchEveryMs)
  try {
    for (let worker = 0; worker < options.concurrency; worker += 1) {
      consumers.push(await onGenerationRequested({ ...options, closing: closing.signal }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}
