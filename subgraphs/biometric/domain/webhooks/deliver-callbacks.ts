/**
 * Brings callbacks to where they are told to. In: those that are due. Out: each is taken, or due again later, or given up with its
 * webhook. A try is noted before it is made: one whose process dies is made again, under the same id.
 */
import type { Delivery } from './webhook.js'

export interface Deliveries {
  /**
   * Takes up to `most` that are due, `A_FEW` of a webhook and none of those named, and puts each off by the wait `backOff` gives
   * for its try. Replicas at it together share them.
   */
  claim(most: number, without: readonly string[], now: Date): Promise<readonly Delivery[]>
  /** It was taken: it is gone, and its webhook is failing no more. */
  taken(delivery: Delivery): Promise<void>
  /** It was not: its webhook is failing, and since when. */
  failed(delivery: Delivery, now: Date): Promise<Date>
  /** Nothing was taken for so long: the webhook is disabled and the audit log told, once. */
  disable(webhookId: string, now: Date): Promise<void>
}

interface DeliverParts {
  readonly deliveries: Deliveries
  /** Whether it was taken. Never throws. */
  readonly send: (delivery: Delivery, now: Date) => Promise<boolean>
  readonly now: () => Date
}

const AT_ONCE = 16

/** Of one webhook at a time: one that does not answer must not hold up the others. */
export const A_FEW = 4
const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 3_600_000

/** How long a webhook may take nothing before it is disabled. */
export const DISABLE_AFTER_MS = 5 * 86_400_000

/** How long after its n-th try (1, 2, 3 ...) a callback waits for the next: 5 s, then twice as long each time, an hour at most. */
export function backOff(attempt: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 20), LONGEST_WAIT_MS)
}

export interface CallbackDelivery {
  /** Begins to deliver what is due, as far as there is room; what was begun before goes on beside it. */
  sweep(): Promise<void>
  /** Waits for what was begun. */
  settled(): Promise<void>
}

export function createDeliverCallbacks({ deliveries, send, now }: DeliverParts): CallbackDelivery {
  const underway = new Map<Promise<void>, string>()

  async function deliver(delivery: Delivery): Promise<void> {
    if (await send(delivery, now())) return deliveries.taken(delivery)
    const at = now()
    const since = await deliveries.failed(delivery, at)
    if (at.getTime() - since.getTime() >= DISABLE_AFTER_MS) await deliveries.disable(delivery.webhook.id, at)
  }

  function begin(delivery: Delivery): void {
    // what the database can't note now is tried again under the same id
    const work = deliver(delivery)
      .catch(() => undefined)
      .then(() => void underway.delete(work))
    underway.set(work, delivery.webhook.id)
  }

  return {
    async sweep() {
      while (underway.size < AT_ONCE) {
        const due = await deliveries.claim(AT_ONCE - underway.size, busiest([...underway.values()]), now())
        if (due.length === 0) return
        due.forEach(begin)
      }
    },
    async settled() {
      await Promise.all(underway.keys())
    },
  }
}

/** Webhooks that have `A_FEW` on their way. */
function busiest(webhookIds: readonly string[]): string[] {
  const busy = webhookIds.filter((id) => webhookIds.filter((other) => other === id).length >= A_FEW)
  return [...new Set(busy)]
}
