import { AppError } from '../../../platform/errors/app-error.js'
import type { AccessTokens } from './access-tokens.js'
import type { Authentication, Method } from './authentication.js'
import type { LoginAttempts } from './login-attempts.js'
import type { PasswordOwner } from './new-password.js'
import { accessTokenFor, type SignIn } from './open-session.js'
import type { PasswordHasher } from './password-hasher.js'
import { normalisePassword } from './password-policy.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'
import type { ProveSecondFactor } from './second-factors.js'

export interface Reauthentications {
  ownerOf(userId: string): Promise<PasswordOwner | null>
  /** Notes on a live session that its owner proved anew who they are. Null when it has ended. */
  note(
    userId: string,
    sessionId: string,
    authentication: Authentication,
  ): Promise<Pick<SignIn, 'session' | 'account'> | null>
}

export interface ReauthenticateDependencies {
  readonly reauthentications: Reauthentications
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  readonly proveSecondFactor: ProveSecondFactor
  /** Writes down a password that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly accessTokens: AccessTokens
  readonly now: () => Date
}

/**
 * Proves anew, within a session, who one is: by everything the account has. The new access token says so (`amr`, `acr`,
 * `auth_time`). Throws AUTH_INVALID_CREDENTIALS, AUTH_MFA_REQUIRED where a code is missing, AUTH_MFA_INVALID.
 */
export function createReauthenticate(dependencies: ReauthenticateDependencies) {
  const { reauthentications, attempts, hasher, proveSecondFactor, noteRefusal, accessTokens, now } = dependencies
  return async (
    { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
    passwordAsTyped: string,
    code: string | null,
    device: Device,
  ): Promise<{ readonly accessToken: string; readonly expiresInSeconds: number }> => {
    const owner = await reauthentications.ownerOf(userId)
    if (owner === null) throw new AppError('AUTH_TOKEN_INVALID')
    await hasher.admit(async (hashing) => {
      const allowed = await attempts.claim(owner.signInKey)
      const isRight = await hashing.verify(allowed ? owner.passwordHash : null, normalisePassword(passwordAsTyped))
      if (isRight) return
      noteRefusal(userId, device, { reason: 'password' })
      throw new AppError('AUTH_INVALID_CREDENTIALS', { message: 'The password is not right.' })
    })
    const methods: Method[] = ['pwd']
    if (owner.hasSecondFactor) {
      if (code === null) throw new AppError('AUTH_MFA_REQUIRED')
      methods.push(await proveSecondFactor(userId, owner.signInKey, code, device))
    } else await attempts.clear(owner.signInKey)
    const noted = await reauthentications.note(userId, sessionId, { methods, at: now() })
    if (noted === null) throw new AppError('AUTH_TOKEN_INVALID')
    return accessTokenFor(accessTokens, noted)
  }
}

export type Reauthenticate = ReturnType<typeof createReauthenticate>
