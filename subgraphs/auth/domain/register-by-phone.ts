import { AppError } from '../../../platform/errors/app-error.js'
import type { LoginAttempts } from './login-attempts.js'
import { requireMobile } from './mobile-number.js'
import type { LinkTokens } from './one-time-links.js'
import type { OpenSession, SignIn } from './open-session.js'
import type { PasswordHasher } from './password-hasher.js'
import { normalisePassword, refuseWeakPassword } from './password-policy.js'
import type { PhoneStore, SmsCodes } from './phones.js'
import { newRecoveryCodes, type RecoveryCodes } from './second-factors.js'
import type { SendCode, SentCode } from './send-code.js'
import type { Device } from './session.js'

/** What somebody wants to register, until they show that the number is theirs. */
export interface PhoneRegistration {
  readonly id: string
  /** E.164. */
  readonly number: string
  readonly passwordHash: string
  readonly displayName: string
}

/** An account to be opened for the number of a registration. */
export interface PhoneAccount {
  readonly id: string
  readonly recoveryCodes: readonly Uint8Array<ArrayBuffer>[]
  readonly device: Device
  readonly createdAt: Date
}

export interface PhoneRegistrations {
  add(registration: PhoneRegistration, fingerprint: Uint8Array<ArrayBuffer>, expiresAt: Date): Promise<void>
  find(fingerprint: Uint8Array<ArrayBuffer>, at: Date): Promise<PhoneRegistration | null>
  /**
   * Ends the registration and its codes; opens the account with the number as name and phone, and tells
   * `user.registered`, all or nothing. `taken`: an account is found by the number already. `over`: it was ended before.
   */
  open(registration: PhoneRegistration, account: PhoneAccount): Promise<'opened' | 'taken' | 'over'>
}

export interface RegisterByPhoneDependencies {
  readonly registrations: PhoneRegistrations
  readonly phones: Pick<PhoneStore, 'claimTry'>
  readonly sendCode: SendCode
  readonly smsCodes: SmsCodes
  readonly recoveryCodes: RecoveryCodes
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  readonly tokens: LinkTokens
  readonly openSession: OpenSession
  /** Countries whose numbers are taken, as ISO 3166-1 alpha-2; null takes any. */
  readonly countries: readonly string[] | null
  readonly now: () => Date
  readonly newId: () => string
}

/** A registration that waits for its code. */
export interface BegunPhoneRegistration extends SentCode {
  readonly token: string
}

const LIFETIME_MS = 30 * 60_000 // time for a second code, and a third

/**
 * Opens an account that is found by a phone number. Whether the number has one already is looked at only once its holder is
 * proved: before that there is nothing that could tell. Who proved it and meets an account is told so.
 */
export function createRegisterByPhone(dependencies: RegisterByPhoneDependencies) {
  const { registrations, phones, sendCode, smsCodes, recoveryCodes, attempts, hasher, tokens, now, newId } =
    dependencies

  async function find(token: string): Promise<PhoneRegistration> {
    const registration = await registrations.find(tokens.fingerprint(token), now())
    if (registration === null) throw registrationIsOver()
    return registration
  }

  const send = ({ id: registrationId, number }: Pick<PhoneRegistration, 'id' | 'number'>, { ipAddress }: Device) =>
    sendCode({ userId: null, registrationId, purpose: 'register', number, ipAddress })

  return {
    /** Throws VAL_VALIDATION_FAILED for a number or password that will not do, AUTHZ_FORBIDDEN, RATE_LIMIT_EXCEEDED. */
    async begin(
      number: string,
      passwordAsTyped: string,
      displayName: string,
      device: Device,
    ): Promise<BegunPhoneRegistration> {
      requireMobile(number, dependencies.countries)
      const password = normalisePassword(passwordAsTyped)
      refuseWeakPassword(password, [number, displayName])
      const passwordHash = await hasher.admit((hashing) => hashing.hash(password))
      const registration = { id: newId(), number, passwordHash, displayName }
      const sent = await send(registration, device)
      const token = tokens.create()
      await registrations.add(registration, tokens.fingerprint(token), new Date(now().getTime() + LIFETIME_MS))
      return { ...sent, token }
    },
    /** Another code, in place of the one before. Throws AUTH_TOKEN_INVALID, RATE_LIMIT_EXCEEDED. */
    sendAgain: async (token: string, device: Device): Promise<SentCode> => send(await find(token), device),
    /**
     * Takes the code, opens the account and signs in. Guesses are counted with those at the number's password. Throws
     * AUTH_TOKEN_INVALID for a registration that is over, AUTH_MFA_INVALID for a wrong code, RES_ALREADY_EXISTS.
     */
    async finish(token: string, code: string, device: Device): Promise<SignIn & { recoveryCodes: readonly string[] }> {
      const registration = await find(token)
      const allowed = await attempts.claim(registration.number)
      const live = await phones.claimTry({ registrationId: registration.id }, 'register', now())
      if (!allowed || live === null || !smsCodes.isOf(live.id, code)) throw new AppError('AUTH_MFA_INVALID')
      const id = newId()
      const { codes, fingerprints } = newRecoveryCodes(recoveryCodes, id)
      const at = now()
      const account = { id, recoveryCodes: fingerprints, device, createdAt: at }
      const opened = await registrations.open(registration, account)
      if (opened === 'over') throw registrationIsOver()
      if (opened === 'taken') throw new AppError('RES_ALREADY_EXISTS', { message: TAKEN })
      await attempts.clear(registration.number)
      const signIn = await dependencies.openSession({ userId: id, passwordVersion: 1 }, device, {
        methods: ['pwd', 'sms'],
        at,
      })
      if (signIn === null) throw registrationIsOver()
      return { ...signIn, recoveryCodes: codes }
    },
  }
}

export type RegisterByPhone = ReturnType<typeof createRegisterByPhone>

const TAKEN = 'This number has an account already: sign in with its password, or choose a new one with a recovery code.'

function registrationIsOver(): AppError {
  return new AppError('AUTH_TOKEN_INVALID', { message: 'This registration is over: begin again.' })
}
