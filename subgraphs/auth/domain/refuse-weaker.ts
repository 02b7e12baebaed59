import { AppError } from '../../../platform/errors/app-error.js'
import { FRESH_SECONDS, type AssuranceLevel } from './authentication.js'
import { hasSecondFactor, type SecondFactorState } from './second-factors.js'

/**
 * Whoever has a second factor proves it before another way in is added (NIST SP 800-63B-4 section 4.1.2): a session that was
 * opened by a password alone, before the factor was there, would otherwise give its thief a factor of their own. A phone does
 * not count: its codes lift nobody to aal2, and who has nothing else is to be able to add something better. Throws
 * AUTH_STEP_UP_REQUIRED.
 */
export function refuseWeaker(level: AssuranceLevel, state: Pick<SecondFactorState, 'hasTotp' | 'passkeys'>): void {
  if (level === 'aal2' || !hasSecondFactor({ ...state, hasPhone: false })) return
  const details = [
    { field: 'acr_values', reason: 'aal2' },
    { field: 'max_age', reason: String(FRESH_SECONDS) },
  ]
  throw new AppError('AUTH_STEP_UP_REQUIRED', { details })
}
