import { defaultBackoffMs, defaultMaxDeliver, UnprocessableEventError, type ConsumerOptions } from './bus.js'

export interface DeliveryPolicy {
  readonly maxDeliver: number
  /** What follows a failed try: another one after so many milliseconds, or the dead letters. */
  afterFailure(error: unknown, attempt: number): { readonly retryInMs: number } | 'dead-letter'
}

/** The one rule of redelivery, for every engine. */
export function deliveryPolicy(options: Pick<ConsumerOptions, 'maxDeliver' | 'backoffMs'>): DeliveryPolicy {
  const { maxDeliver = defaultMaxDeliver, backoffMs = defaultBackoffMs } = options
  return {
    maxDeliver,
    afterFailure(error, attempt) {
      if (error instanceof UnprocessableEventError || attempt >= maxDeliver) return 'dead-letter'
      return { retryInMs: backoffMs[Math.min(attempt, backoffMs.length) - 1] ?? 0 }
    },
  }
}
