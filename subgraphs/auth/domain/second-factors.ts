import { AppError } from '../../../platform/errors/app-error.js'
import type { Method } from './authentication.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'
import type { LoginAttempts } from './login-attempts.js'

/** What an account has besides its password. */
export interface SecondFactorState {
  /** Whether an authenticator app is confirmed. */
  readonly hasTotp: boolean
  readonly passkeys: number
  /** Whether a phone is confirmed. */
  readonly hasPhone: boolean
  readonly recoveryCodesLeft: number
}

/** Whether a password alone does not sign in. */
export function hasSecondFactor(state: Omit<SecondFactorState, 'recoveryCodesLeft'>): boolean {
  return state.hasTotp || state.passkeys > 0 || state.hasPhone
}

/** Whether a code by text message will do: only where there is nothing better, or the better one would protect nothing. */
export function takesSms({ hasTotp, passkeys, hasPhone }: Omit<SecondFactorState, 'recoveryCodesLeft'>): boolean {
  return hasPhone && !hasTotp && passkeys === 0
}

/** The app's secret, opened. `lastStep` is that of the last code taken. */
export interface TotpSecret {
  readonly secret: Uint8Array<ArrayBuffer>
  readonly isConfirmed: boolean
  /** Tells this secret from one proposed later. */
  readonly createdAt: Date
}

export interface SecondFactorStore {
  stateOf(userId: string): Promise<SecondFactorState>
  totpOf(userId: string): Promise<TotpSecret | null>
  /** Notes the step of a code. False when it or a later one was taken before: of two at once one is true. */
  takeStep(userId: string, step: number): Promise<boolean>
  /** Uses a recovery code up. False when there is none such: of two at once one is true. */
  takeRecoveryCode(userId: string, fingerprint: Uint8Array<ArrayBuffer>): Promise<boolean>
}

/** Codes of authenticator apps (RFC 6238): six digits, a new one every 30 seconds. */
export interface TotpCodes {
  createSecret(): Uint8Array<ArrayBuffer>
  /** For the QR code an app scans. */
  uriOf(secret: Uint8Array<ArrayBuffer>, label: string): string
  /** For typing it instead. */
  textOf(secret: Uint8Array<ArrayBuffer>): string
  /** The step a code is of, now or one step to either side; null for a wrong one. */
  stepOf(secret: Uint8Array<ArrayBuffer>, code: string, at: Date): number | null
}

/** Codes that stand in for the app: 80 random bits each, so a plain SHA-256 is one-way. */
export interface RecoveryCodes {
  create(): string
  /** Null for what can't be one; spaces, dashes and case don't matter. */
  fingerprint(userId: string, code: string): Uint8Array<ArrayBuffer> | null
}

const RECOVERY_CODES = 10

/** New recovery codes, and what is kept of them. */
export function newRecoveryCodes(recoveryCodes: RecoveryCodes, userId: string) {
  const codes = Array.from({ length: RECOVERY_CODES }, () => recoveryCodes.create())
  const fingerprints = codes.flatMap((code) => recoveryCodes.fingerprint(userId, code) ?? [])
  return { codes, fingerprints }
}

/** What a code counts as. */
export type CodeMethod = Extract<Method, 'otp' | 'sms'>

export interface SecondFactorDependencies {
  readonly factors: SecondFactorStore
  readonly totp: TotpCodes
  readonly recoveryCodes: RecoveryCodes
  /** Uses up the code that was sent to the person's phone for signing in. False for a wrong, an old or a used one. */
  readonly takeSmsCode: (userId: string, code: string) => Promise<boolean>
  readonly attempts: LoginAttempts
  /** Writes down a code that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly now: () => Date
}

/**
 * Whether a code is right: the app's, each step once, one sent to the phone, or a recovery code, each once. Returns what it
 * counts as. Guesses are counted with those at the
 * password, before anything is compared. Throws AUTH_MFA_INVALID alike for a wrong code, a used one and a locked account.
 */
export function createProveSecondFactor({
  factors,
  totp,
  recoveryCodes,
  takeSmsCode,
  attempts,
  noteRefusal,
  now,
}: SecondFactorDependencies) {
  return async (userId: string, signInKey: string, code: string, device: Device): Promise<CodeMethod> => {
    const allowed = await attempts.claim(signInKey)
    const method = allowed ? await methodOf(userId, code) : null
    if (method === null) {
      noteRefusal(userId, device, { reason: 'code' })
      throw new AppError('AUTH_MFA_INVALID')
    }
    await attempts.clear(signInKey)
    return method
  }

  async function methodOf(userId: string, code: string): Promise<CodeMethod | null> {
    const app = await factors.totpOf(userId)
    const step = app !== null && app.isConfirmed ? totp.stepOf(app.secret, code, now()) : null
    if (step !== null) return (await factors.takeStep(userId, step)) ? 'otp' : null
    const fingerprint = recoveryCodes.fingerprint(userId, code)
    if (fingerprint !== null) return (await factors.takeRecoveryCode(userId, fingerprint)) ? 'otp' : null
    return takesSms(await factors.stateOf(userId)) && (await takeSmsCode(userId, code)) ? 'sms' : null
  }
}

export type ProveSecondFactor = ReturnType<typeof createProveSecondFactor>
