import { AppError } from '../../../platform/errors/app-error.js'
import { describePhoneNumber } from '../../../platform/phone/phone-number.js'
import { challengeRefused, type Challenges } from './finish-sign-in.js'
import type { By } from './manage-second-factors.js'
import type { LinkTokens } from './one-time-links.js'
import { SMS_CODE_MS, SMS_PAUSE_MS, type PhoneStore, type SmsCodes, type SmsPurpose } from './phones.js'
import { refuseWeaker } from './refuse-weaker.js'
import { newRecoveryCodes, takesSms, type RecoveryCodes, type SecondFactorStore } from './second-factors.js'
import type { Device } from './session.js'

/** A code on its way. */
export interface SentCode {
  /** Where to, with most digits hidden. */
  readonly number: string
  readonly expiresAt: Date
  /** From when on another one can be asked for. */
  readonly resendAt: Date
}

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
  /** Whether text messages can be sent at all. */
  readonly canSend: boolean
  readonly now: () => Date
  readonly newId: () => string
}

/** How a person adds, changes and removes a phone, and has codes sent to it. Whoever calls has checked that the sign-in is fresh enough. */
export function createManagePhone(dependencies: ManagePhoneDependencies) {
  const { phones, smsCodes, factors, challenges, tokens, recoveryCodes, now, newId } = dependencies

  async function send(userId: string, purpose: SmsPurpose, number: string, { ipAddress }: Device): Promise<SentCode> {
    if (!dependencies.canSend) throw new AppError('AUTHZ_FORBIDDEN', { message: 'Text messages are not sent here.' })
    const at = now()
    const expiresAt = new Date(at.getTime() + SMS_CODE_MS)
    const waitSeconds = await phones.request({ id: newId(), userId, purpose, number, ipAddress, at, expiresAt })
    if (waitSeconds !== null) throw new AppError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: waitSeconds })
    return { number: withMostHidden(number), expiresAt, resendAt: new Date(at.getTime() + SMS_PAUSE_MS) }
  }

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
    async propose({ userId, device, level }: By, number: string): Promise<SentCode> {
      requireMobile(number, dependencies.countries)
      refuseWeaker(level, await factors.stateOf(userId))
      return send(userId, 'confirm', number, device)
    },
    /** Takes the code that was sent. Throws AUTH_MFA_INVALID for a wrong one, alike when there is none. */
    async confirm({ userId, ...by }: By, code: string): Promise<ConfirmedPhone> {
      refuseWeaker(by.level, await factors.stateOf(userId)) // it may be there only now
      const at = now()
      const live = await phones.claimTry(userId, 'confirm', at)
      if (live === null || !smsCodes.isOf(live.id, code)) throw new AppError('AUTH_MFA_INVALID')
      const { codes, fingerprints } = newRecoveryCodes(recoveryCodes, userId)
      const confirmed = await phones.confirm(userId, live, fingerprints, { ...by, at })
      if (confirmed === null) throw new AppError('AUTH_MFA_INVALID')
      return { number: withMostHidden(live.number), recoveryCodes: confirmed.isFirstFactor ? codes : null }
    },
    /** Throws RES_NOT_FOUND where there is none. */
    async remove({ userId, ...by }: By): Promise<void> {
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

/** Numbers that cost more, or that no text message reaches, are what fraud with text messages lives on. */
function requireMobile(number: string, countries: readonly string[] | null): void {
  const { kind = null, country = null } = describePhoneNumber(number) ?? {}
  const refuse = (reason: string) =>
    new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.number', reason }] })
  if (kind !== 'MOBILE' && kind !== 'FIXED_LINE_OR_MOBILE') throw refuse('must be the number of a mobile phone')
  if (countries !== null && (country === null || !countries.includes(country)))
    throw refuse('is of a country no text messages are sent to')
}

function withMostHidden(number: string): string {
  return `${number.slice(0, 3)}${'•'.repeat(number.length - 5)}${number.slice(-2)}`
}
