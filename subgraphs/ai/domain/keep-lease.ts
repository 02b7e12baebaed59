import type { AnswerRequestParts, Lease } from './answer-request.js'

export interface KeptLease {
  readonly lease: Lease
  /** Aborted when somebody else may have the request. */
  readonly lost: AbortSignal
  /** Takes the answer of a step in the ledger. Throws when the lease is gone. */
  assertHeld(held: boolean): void
  stop(): void
}

type Parts = Pick<AnswerRequestParts, 'ledger' | 'leaseMs' | 'log'>

/** Renews a lease three times before it would run out: a slow database or a long pause of the process costs nothing yet. */
export function keepLease(lease: Lease, { ledger, leaseMs, log }: Parts): KeptLease {
  const lost = new AbortController()
  const renew = async () => {
    try {
      if (!(await ledger.renew(lease, leaseMs))) lost.abort()
    } catch (error) {
      // nobody else can take the request while the data store is away, and the next renewal may succeed
      log.warn({ requestId: lease.requestId, err: error }, 'a lease could not be renewed just now')
    }
  }
  const timer = setInterval(() => void renew(), leaseMs / 3)
  return {
    lease,
    lost: lost.signal,
    assertHeld(held) {
      if (!held) lost.abort()
      lost.signal.throwIfAborted()
    },
    stop: () => clearInterval(timer),
  }
}
