import { AppError } from '../../../platform/errors/app-error.js'

/** The refusal of a user who has to wait after too many failures. */
export function refuseUntil(until: Date, now: Date): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000))
  return new AppError('RATE_LIMIT_EXCEEDED', {
    message: `Too many verifications did not match: try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  })
}
