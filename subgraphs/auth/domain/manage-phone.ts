import { AppError } from '../../../platform/errors/app-error.js'
import type { LoginAttempts } from './login-attempts.js'
import { challengeRefused, type Challenges } from './finish-sign-in.js'
import type { By } from './manage-second-factors.js'
import { requireMobile, withMostHidden } from './mobile-number.js'
import type { LinkTokens } from './one-time-links.js'
import type { PhoneStore, SmsCodes, SmsPurpose } from './phones.js'
import { refuseWeaker } from './refuse-weaker.js'
import {
  hasSecondFactor,
  newRecoveryCodes,
  takesSms,
  type RecoveryCodes,
  type SecondFactorStore,
} from './second-factors.js'
import type { SendCode, SentCode } from './send-code.js'
import type { Device } from './session.js'

export interface ConfirmedPhone {
  readonly number: string
  /** Told this once; null where the account had a second factor before. */
  readonly recoveryCodes: readonly string[] | null
}

export interface ManagePhoneDependencies {
  readonly phones: PhoneStore
  readonly smsCodes: SmsCodes
  readonly factors: Pick<SecondFactorStore, 'stateOf'>
  readonly challenges: Pick<Challenges, 'find'>
  readonly tokens: Pick<LinkTokens, 'fingerprint'>
  readonly recoveryCodes: RecoveryCodes
  /** Countries whose numbers are taken, as ISO 3166-1 alpha-2; null takes any. */
  readonly countries: readonly string[] | null
  readonly sendCode: SendCode
  readonly attempts: LoginAttempts
  readonly now: () => Date
}

/** How a person adds, changes and removes a phone, and has codes sent to it. Whoever calls has checked that the sign-in is fresh enough. */
export function createManagePhone(dependencies: ManagePhoneDependencies) {
  const { phones, smsCodes, factors, challenges, tokens, recoveryCodes, sendCode, attempts, now } = dependencies

  const send = (userId: string, purpose: SmsPurpose, number: string, { ipAddress }: Device): Promise<SentCode> =>
    sendCode({ userId, registrationId: null, purpose, number, ipAddress })

  async function sendForSignIn(userId: string, device: Device): Promise<SentCode> {
    const number = takesSms(await factors.stateOf(userId)) ? await phones.numberOf(userId) : null
    if (number === null) throw new AppError('RES_NOT_FOUND', { message: 'No phone takes codes for this account.' })
    return send(userId, 'sign_in', number, device)
  }

  return {
    /** The confirmed number, with most digits hidden; null where there is none. */
    async shownNumberOf(userId: string): Promise<string | null> {
      const number = await phones.numberOf(userId)
      return number && withMostHidden(number)
    },
    /**
     * Sends a code to a number that is to be one's own; until it is shown nothing changes. Throws VAL_VALIDATION_FAILED,
     * AUTH_STEP_UP_REQUIRED, RATE_LIMIT_EXCEEDED.
     */
    async propose({ userId, device, ...proved }: By, number: string): Promise<SentCode> {
      requireMobile(number, dependencies.countries)
      refuseWeaker(proved, await factors.stateOf(userId))
      return send(userId, 'confirm', number, device)
    },
    /** Takes the code that was sent; guesses are counted with those at the password. Throws AUTH_MFA_INVALID for a wrong one, alike when there is none, AUTH_STEP_UP_REQUIRED, RES_ALREADY_EXISTS. */
    async confirm({ userId, ...by }: By, code: string): Promise<ConfirmedPhone> {
      const state = await factors.stateOf(userId)
      refuseWeaker(by, state) // a factor may be there only now
      const at = now()
      const signInKey = await phones.signInKeyOf(userId)
      const allowed = await attempts.claim(signInKey)
      const live = await phones.claimTry({ userId }, 'confirm', at)
      if (!allowed || live === null || !smsCodes.isOf(live.id, code)) throw new AppError('AUTH_MFA_INVALID')
      const { codes, fingerprints } = newRecoveryCodes(recoveryCodes, userId)
      const confirmed = await phones.confirm(userId, live, fingerprints, { ...by, at })
      if (confirmed === null) throw new AppError('AUTH_MFA_INVALID')
      if (!hasSecondFactor(state)) await attempts.clear(signInKey) // who has a session may be guessing a factor
      return { number: withMostHidden(live.number), recoveryCodes: confirmed.isFirstFactor ? codes : null }
    },
    /** Throws AUTH_STEP_UP_REQUIRED, RES_NOT_FOUND where there is none, RES_CONFLICT where one signs in by it. */
    async remove({ userId, ...by }: By): Promise<void> {
      refuseWeaker(by, await factors.stateOf(userId))
      if (!(await phones.remove(userId, { ...by, at: now() }))) throw new AppError('RES_NOT_FOUND')
    },
    /** For a sign-in that waits for its second factor. Throws AUTH_TOKEN_INVALID, RES_NOT_FOUND, RATE_LIMIT_EXCEEDED. */
    async sendForChallenge(token: string, device: Device): Promise<SentCode> {
      const challenged = await challenges.find(tokens.fingerprint(token), now())
      if (challenged === null) throw challengeRefused()
      return sendForSignIn(challenged.userId, device)
    },
    /** For proving anew who one is. Throws RES_NOT_FOUND, RATE_LIMIT_EXCEEDED. */
    sendForReauthentication: ({ userId, device }: By) => sendForSignIn(userId, device),
  }
}

export type ManagePhone = ReturnType<typeof createManagePhone>
