import { AppError } from '../../../platform/errors/app-error.js'
import type { LinkTokens } from './one-time-links.js'
import type { OpenSession, ProvedUser, SignIn } from './open-session.js'
import type { ProveSecondFactor, SecondFactorStore } from './second-factors.js'
import type { Device } from './session.js'

/** A sign-in that waits for its second factor. */
export interface Challenge {
  readonly token: string
  readonly expiresAt: Date
  readonly hasRecoveryCodes: boolean
}

/** What a right password comes to; null when the account is gone. */
export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly signIn: SignIn }
  | { readonly kind: 'challenged'; readonly challenge: Challenge }

export interface Challenges {
  add(proved: ProvedUser, fingerprint: Uint8Array<ArrayBuffer>, expiresAt: Date): Promise<void>
  find(fingerprint: Uint8Array<ArrayBuffer>, at: Date): Promise<(ProvedUser & { readonly emailKey: string }) | null>
  /** False when it was ended already: of two at once one is true. */
  end(fingerprint: Uint8Array<ArrayBuffer>): Promise<boolean>
}

export interface FinishSignInDependencies {
  readonly factors: Pick<SecondFactorStore, 'stateOf'>
  readonly challenges: Challenges
  readonly tokens: LinkTokens
  readonly proveSecondFactor: ProveSecondFactor
  readonly openSession: OpenSession
  readonly now: () => Date
}

const CHALLENGE_MS = 5 * 60_000 // time to find the phone

/** What follows a first factor: a session, or the question for a second one. */
export function createFinishSignIn(dependencies: FinishSignInDependencies) {
  const { factors, challenges, tokens, proveSecondFactor, openSession, now } = dependencies
  return {
    async afterPassword(proved: ProvedUser, device: Device): Promise<SignInOutcome | null> {
      const { hasTotp, recoveryCodesLeft } = await factors.stateOf(proved.userId)
      if (!hasTotp) {
        const signIn = await openSession(proved, device, { methods: ['pwd'], at: now() })
        return signIn && { kind: 'signed-in', signIn }
      }
      const token = tokens.create()
      const expiresAt = new Date(now().getTime() + CHALLENGE_MS)
      await challenges.add(proved, tokens.fingerprint(token), expiresAt)
      return { kind: 'challenged', challenge: { token, expiresAt, hasRecoveryCodes: recoveryCodesLeft > 0 } }
    },
    /** Throws AUTH_TOKEN_INVALID for a challenge that is unknown, over or too old, AUTH_MFA_INVALID for a wrong code. */
    async withCode(token: string, code: string, device: Device): Promise<SignIn> {
      const fingerprint = tokens.fingerprint(token)
      const challenged = await challenges.find(fingerprint, now())
      if (challenged === null) throw challengeRefused()
      const { userId, emailKey } = challenged
      await proveSecondFactor(userId, emailKey, code, device)
      const signIn = (await challenges.end(fingerprint))
        ? await openSession(challenged, device, { methods: ['pwd', 'otp'], at: now() })
        : null
      if (signIn === null) throw challengeRefused()
      return signIn
    },
  }
}

export type FinishSignIn = ReturnType<typeof createFinishSignIn>

function challengeRefused(): AppError {
  return new AppError('AUTH_TOKEN_INVALID', { message: 'This sign-in is over: begin again with your password.' })
}
