import { AppError } from '../../../platform/errors/app-error.js'
import type { Device } from './session.js'
import type { LoginAttempts } from './login-attempts.js'

/** What an account has besides its password. */
export interface SecondFactorState {
  /** Whether an authenticator app is confirmed: then signing in asks for a code. */
  readonly hasTotp: boolean
  readonly recoveryCodesLeft: number
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

export interface SecondFactorDependencies {
  readonly factors: SecondFactorStore
  readonly totp: TotpCodes
  readonly recoveryCodes: RecoveryCodes
  readonly attempts: LoginAttempts
  /** Writes down a code that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device) => void
  readonly now: () => Date
}

/**
 * Whether a code is right: the app's, each step once, or a recovery code, each once. Guesses are counted with those at the
 * password, before anything is compared. Throws AUTH_MFA_INVALID alike for a wrong code, a used one and a locked account.
 */
export function createProveSecondFactor({
  factors,
  totp,
  recoveryCodes,
  attempts,
  noteRefusal,
  now,
}: SecondFactorDependencies) {
  return async (userId: string, emailKey: string, code: string, device: Device): Promise<void> => {
    const allowed = await attempts.claim(emailKey)
    if (!allowed || !(await isRight(userId, code))) {
      noteRefusal(userId, device)
      throw new AppError('AUTH_MFA_INVALID')
    }
    await attempts.clear(emailKey)
  }

  async function isRight(userId: string, code: string): Promise<boolean> {
    const app = await factors.totpOf(userId)
    if (app === null || !app.isConfirmed) return false
    const step = totp.stepOf(app.secret, code, now())
    if (step !== null) return factors.takeStep(userId, step)
    const fingerprint = recoveryCodes.fingerprint(userId, code)
    return fingerprint !== null && factors.takeRecoveryCode(userId, fingerprint)
  }
}

export type ProveSecondFactor = ReturnType<typeof createProveSecondFactor>
