import { LRUCache } from 'lru-cache'
import { AppError } from '../../platform/errors/app-error.js'
import { PlanningGivenUp } from './planning-process.js'

export interface SharedPlans<T> {
  /**
   * What was made for the text, or is being made, else what `make` makes. What planning was given up for is refused the same
   * way for a while, and `make` is not called. Throws and rejects as it does.
   */
  find(text: string, make: () => T | Promise<T>): T | Promise<T>
}

const MAXIMUM_PLANS = 1_000 // a plan takes 10 to 100 kB
const HOPELESS_MS = 60_000 // how long nobody tries again: the machine may have been busy with something else, or asleep

/** The same plan for every document that says the same. `now`: milliseconds that only ever grow. */
export function sharedPlans<T extends object>(now: () => number): SharedPlans<T> {
  const made = new LRUCache<string, T>({ max: MAXIMUM_PLANS })
  const underWay = new Map<string, Promise<T>>()
  const hopeless = new LRUCache<string, AppError>({
    max: MAXIMUM_PLANS,
    ttl: HOPELESS_MS,
    ttlResolution: 0,
    perf: { now },
  })
  const keepLater = async (text: string, promised: Promise<T>): Promise<T> => {
    try {
      const plan = await promised
      made.set(text, plan)
      return plan
    } catch (error) {
      if (error instanceof AppError && error.cause instanceof PlanningGivenUp) hopeless.set(text, error)
      throw error
    } finally {
      underWay.delete(text)
    }
  }
  return {
    find(text, make) {
      const refusal = hopeless.get(text)
      if (refusal !== undefined) throw refusal
      const known = made.get(text) ?? underWay.get(text)
      if (known !== undefined) return known
      const making = make()
      if (making instanceof Promise) {
        const awaited = keepLater(text, making)
        underWay.set(text, awaited)
        return awaited
      }
      made.set(text, making)
      return making
    },
  }
}
