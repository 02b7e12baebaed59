import { AppError } from '../../../platform/errors/app-error.js'
import type { AccessTokens } from './access-tokens.js'
import type { Challenges } from './finish-sign-in.js'
import type { LoginAttempts } from './login-attempts.js'
import type { LinkTokens } from './one-time-links.js'
import { accessTokenFor, type OpenSession, type SignIn } from './open-session.js'
import type { PasskeyRequestOptions } from './passkey-options.js'
import type { PasskeyAssertion, PasskeyStore } from './passkeys.js'
import type { ProvePasskey } from './prove-passkey.js'
import type { Reauthentications } from './reauthenticate.js'
import type { Device } from './session.js'

export interface SignInByPasskeyDependencies {
  readonly provePasskey: ProvePasskey
  readonly passkeys: Pick<PasskeyStore, 'list'>
  /** Sign-ins that wait for their second factor. */
  readonly challenges: Challenges
  readonly attempts: LoginAttempts
  readonly openSession: OpenSession
  readonly reauthentications: Pick<Reauthentications, 'note'>
  readonly accessTokens: AccessTokens
  readonly tokens: LinkTokens
  readonly now: () => Date
}

/** Somebody in a session of theirs. */
interface InSession {
  readonly userId: string
  readonly sessionId: string
}

/**
 * What a passkey proves. The authenticator holds the key and has verified its owner, which makes two factors (NIST SP
 * 800-63B-4, section 3.1.7). The counter of guesses is neither fed nor cleared by a passkey alone.
 */
export function createSignInByPasskey(dependencies: SignInByPasskeyDependencies) {
  const { provePasskey, challenges, attempts, openSession, tokens, now } = dependencies
  return {
    /** Tells nobody anything: the same for everybody. Throws RATE_LIMIT_EXCEEDED. */
    beginLogin: (device: Device) => provePasskey.request(LOGIN, { device }),
    /** Signs in whoever the passkey belongs to. Throws AUTH_INVALID_CREDENTIALS alike for whatever is not in order. */
    async finishLogin(assertion: PasskeyAssertion, device: Device): Promise<SignIn> {
      const proved = await provePasskey.prove(assertion, LOGIN, device)
      const signIn = proved && (await openSession(proved, device, { methods: ['pop'], at: now() }))
      if (signIn === null) throw notAccepted()
      return signIn
    },
    /** Throws AUTH_TOKEN_INVALID for a challenge that is over, AUTH_MFA_INVALID where the account has no passkey. */
    async beginMfa(token: string): Promise<PasskeyRequestOptions> {
      const fingerprint = tokens.fingerprint(token)
      const challenged = await challenges.find(fingerprint, now())
      if (challenged === null) throw signInIsOver()
      const own = await dependencies.passkeys.list(challenged.userId)
      if (own.length === 0) throw new AppError('AUTH_MFA_INVALID')
      return provePasskey.request({ binding: mfaBinding(fingerprint) }, { userId: challenged.userId, passkeys: own })
    },
    /** Goes on after a first factor. Throws AUTH_TOKEN_INVALID for a challenge that is over, AUTH_MFA_INVALID for the rest. */
    async finishMfa(token: string, assertion: PasskeyAssertion, device: Device): Promise<SignIn> {
      const fingerprint = tokens.fingerprint(token)
      const challenged = await challenges.find(fingerprint, now())
      if (challenged === null) throw signInIsOver()
      const { userId, signInKey } = challenged
      const proved = await provePasskey.prove(assertion, { binding: mfaBinding(fingerprint), userId }, device)
      if (proved === null) throw new AppError('AUTH_MFA_INVALID', { message: NOT_ACCEPTED })
      await attempts.clear(signInKey) // the password was right too, and its try had been claimed
      const signIn = (await challenges.end(fingerprint))
        ? await openSession(challenged, device, { methods: [challenged.first.method, 'pop'], at: now() })
        : null
      if (signIn === null) throw signInIsOver()
      return signIn
    },
    /** Throws AUTH_INVALID_CREDENTIALS where the account has no passkey. */
    async beginReauthentication({ userId, sessionId }: InSession): Promise<PasskeyRequestOptions> {
      const own = await dependencies.passkeys.list(userId)
      if (own.length === 0) throw new AppError('AUTH_INVALID_CREDENTIALS', { message: 'You have no passkey yet.' })
      return provePasskey.request({ binding: stepUpBinding(userId, sessionId) }, { userId, passkeys: own })
    },
    /** A fresh access token for the same session. Throws AUTH_INVALID_CREDENTIALS, AUTH_TOKEN_INVALID when the session is over. */
    async finishReauthentication({ userId, sessionId }: InSession, assertion: PasskeyAssertion, device: Device) {
      const ceremony = { binding: stepUpBinding(userId, sessionId), userId }
      if ((await provePasskey.prove(assertion, ceremony, device)) === null) throw notAccepted()
      const authentication = { methods: ['pop'], at: now() } as const
      const noted = await dependencies.reauthentications.note(userId, sessionId, authentication)
      if (noted === null) throw new AppError('AUTH_TOKEN_INVALID')
      return accessTokenFor(dependencies.accessTokens, noted)
    },
  }
}

export type SignInByPasskey = ReturnType<typeof createSignInByPasskey>

const NOT_ACCEPTED = 'This passkey was not accepted: try again, or sign in in another way.'
const LOGIN = { binding: 'login', userId: null } as const

function mfaBinding(fingerprint: Uint8Array<ArrayBuffer>): string {
  return `mfa:${Buffer.from(fingerprint).toString('base64url')}`
}

function stepUpBinding(userId: string, sessionId: string): string {
  return `step-up:${userId}:${sessionId}`
}

function notAccepted(): AppError {
  return new AppError('AUTH_INVALID_CREDENTIALS', { message: NOT_ACCEPTED })
}

function signInIsOver(): AppError {
  return new AppError('AUTH_TOKEN_INVALID', { message: 'This sign-in is over: begin again with your password.' })
}
