import { AppError } from '../../../platform/errors/app-error.js'

/** Why a user may not try now: until when, or until somebody begins the count anew. */
export type Block = { readonly until: Date } | { readonly until: 'lifted' }

/** The refusal of a user who has failed too often. */
export function refuseBlocked({ until }: Block, now: Date): AppError {
  if (until === 'lifted') return new AppError('BIOMETRIC_LOCKED')
  const retryAfterSeconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000))
  return new AppError('RATE_LIMIT_EXCEEDED', {
    message: `Too many verifications did not match: try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  })
}
