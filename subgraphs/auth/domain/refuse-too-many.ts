import { AppError } from '../../../platform/errors/app-error.js'
import type { LoginAttempts } from './login-attempts.js'

const PAUSE_SECONDS = 900 // as long as counters of one length lock

/** Counts one more under `key`. Throws RATE_LIMIT_EXCEEDED where there were too many. */
export async function refuseTooMany(counter: Pick<LoginAttempts, 'claim'>, key: string): Promise<void> {
  if (!(await counter.claim(key))) throw new AppError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: PAUSE_SECONDS })
}
