/**
 * The work of a worker. In: the id of a request, as announced. Out: the request answered or failed, once, whoever else
 * works on the same queue. It refuses a request that somebody else has or that has ended, by doing nothing.
 *
 * A worker holds a request by a lease that it renews while it works. When the worker dies the lease runs out and the
 * request is queued again; a worker that was only thought dead finds its lease gone and can no longer end the request.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import type { AiOutcome, AiProgress, AiRequest } from './ai-request.js'
import type { AskModels } from './ask-models.js'
import { keepLease, type KeptLease } from './keep-lease.js'

export interface Lease {
  readonly requestId: string
  readonly leaseId: string
}

export interface ClaimedRequest extends Pick<AiRequest, 'prompt' | 'requestedModel' | 'maxTokens'> {
  /** How often it has been taken up, this time included. */
  readonly attempts: number
}

/** What workers share. Each step is stored together with what is told about it; false says that the lease is gone. */
export interface AiWorkLedger {
  /** QUEUED -> RUNNING, for one of all who try; null for the others. */
  claim(lease: Lease, leaseMs: number): Promise<ClaimedRequest | null>
  renew(lease: Lease, leaseMs: number): Promise<boolean>
  fallBack(lease: Lease, progress: AiProgress): Promise<boolean>
  finish(lease: Lease, outcome: AiOutcome): Promise<boolean>
  /** Back to QUEUED, announced again; nothing when the lease is gone. */
  release(lease: Lease): Promise<void>
}

export interface WorkLog {
  warn(about: object, message: string): void
}

export interface AnswerRequestParts {
  readonly ledger: AiWorkLedger
  readonly askModels: AskModels
  readonly newId: () => string
  readonly leaseMs: number
  readonly log: WorkLog
  /** Waits, or rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** Throws when the request could neither be dealt with nor handed back: its lease runs out by itself, and it is found again. */
export type AnswerRequest = (requestId: string, closing: AbortSignal) => Promise<void>

const MOST_ATTEMPTS = 5 // a request that takes its worker down with it must not take down every next one

export function createAnswerRequest(parts: AnswerRequestParts): AnswerRequest {
  return async (requestId, closing) => {
    const lease: Lease = { requestId, leaseId: parts.newId() }
    const claimed = await parts.ledger.claim(lease, parts.leaseMs)
    if (claimed === null) return
    const kept = keepLease(lease, parts)
    const signal = AbortSignal.any([closing, kept.lost])
    try {
      signal.throwIfAborted()
      const outcome = claimed.attempts > MOST_ATTEMPTS ? givenUp : await ask(parts, kept, claimed, signal)
      kept.assertHeld(await storeOutcome(parts, lease, outcome, signal))
    } catch (error) {
      if (kept.lost.aborted)
        return parts.log.warn({ requestId }, 'a lease was lost: the request is left to another worker')
      if (!closing.aborted)
        parts.log.warn({ requestId, err: error }, 'a request could not be worked on and is queued again')
      await parts.ledger.release(lease)
    } finally {
      kept.stop()
    }
  }
}

function ask(
  { askModels, ledger, log }: AnswerRequestParts,
  kept: KeptLease,
  claimed: ClaimedRequest,
  signal: AbortSignal,
) {
  const { requestId } = kept.lease
  return askModels(claimed, {
    signal,
    async onFallback(progress, { id: model, provider }, error) {
      log.warn({ requestId, model, provider, err: error }, 'a model could not answer')
      kept.assertHeld(await ledger.fallBack(kept.lease, progress))
    },
  })
}

const givenUp: AiOutcome = {
  state: 'FAILED',
  failure: {
    code: 'AI_REQUEST_FAILED',
    message: 'The workers stopped again and again on this request: ask differently.',
  },
}

/** An answer has cost money and minutes: a data store that is away for a moment is waited for. */
async function storeOutcome(
  { ledger, pause }: AnswerRequestParts,
  lease: Lease,
  outcome: AiOutcome,
  signal: AbortSignal,
): Promise<boolean> {
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 4_000)) {
    try {
      return await ledger.finish(lease, outcome)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'INT_DATABASE_ERROR') throw error
      await pause(waitMs, signal)
    }
  }
}
