import { AppError } from '../../../platform/errors/app-error.js'
import { FRESH_SECONDS, type AssuranceLevel } from './authentication.js'
import { hasSecondFactor, type SecondFactorState } from './second-factors.js'

/** What somebody has proved in a session. */
export interface Proved {
  readonly level: AssuranceLevel
  /** Whether it was more than a password or a provider: `amr` says `mfa`. */
  readonly hasProvedSecond: boolean
}

/**
 * Whoever has a second factor proves it before a way in is added or taken away (NIST SP 800-63B-4 section 4.1.2): a session
 * that was opened by a password alone, before the factor was there, would otherwise give its thief a factor of their own. Where
 * a phone is all there is its code will do, though it lifts nobody to aal2: its owner is to be able to add something better.
 * Throws AUTH_STEP_UP_REQUIRED: `reauthenticate` asks for everything the account has.
 */
export function refuseWeaker(
  { level, hasProvedSecond }: Proved,
  state: Pick<SecondFactorState, 'hasTotp' | 'passkeys' | 'hasPhone'>,
): void {
  if (level === 'aal2' || !hasSecondFactor(state)) return
  const isPhoneAll = !hasSecondFactor({ ...state, hasPhone: false })
  if (isPhoneAll && hasProvedSecond) return
  const details = [
    { field: 'acr_values', reason: isPhoneAll ? 'aal1' : 'aal2' },
    { field: 'max_age', reason: String(FRESH_SECONDS) },
  ]
  throw new AppError('AUTH_STEP_UP_REQUIRED', { details })
}
