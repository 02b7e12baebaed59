import { AppError } from '../../../platform/errors/app-error.js'
import type { Authentication, Method } from './authentication.js'
import type { LinkTokens } from './one-time-links.js'
import type { OpenSession, ProvedUser, SignIn } from './open-session.js'
import {
  hasSecondFactor,
  takesSms,
  type CodeMethod,
  type ProveSecondFactor,
  type SecondFactorState,
  type SecondFactorStore,
} from './second-factors.js'
import type { Device } from './session.js'

export type MfaMethod = 'totp' | 'recovery-code' | 'passkey' | 'sms'

/** A sign-in that waits for its second factor. */
export interface Challenge {
  readonly token: string
  readonly expiresAt: Date
  /** What it can be completed by. */
  readonly methods: readonly MfaMethod[]
}

/** What a first factor comes to. */
export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly signIn: SignIn }
  | { readonly kind: 'challenged'; readonly challenge: Challenge }

/** Who waits to prove a second factor, and what was proved already. */
export interface ChallengedUser extends ProvedUser {
  readonly signInKey: string
  readonly first: FirstFactor
}

/** A first factor, and when it was proved. */
export interface FirstFactor {
  readonly method: Extract<Method, 'pwd' | 'fed'>
  readonly at: Date
}

export interface Challenges {
  add(proved: ProvedUser, first: FirstFactor, fingerprint: Uint8Array<ArrayBuffer>, expiresAt: Date): Promise<void>
  find(fingerprint: Uint8Array<ArrayBuffer>, at: Date): Promise<ChallengedUser | null>
  /** False when it was ended already: of two at once one is true. */
  end(fingerprint: Uint8Array<ArrayBuffer>): Promise<boolean>
}

export interface FinishSignInDependencies {
  readonly factors: Pick<SecondFactorStore, 'stateOf'>
  readonly challenges: Challenges
  readonly tokens: LinkTokens
  readonly proveSecondFactor: ProveSecondFactor
  readonly openSession: OpenSession
  /** Whether passkeys can be used here. Where they can not they are asked for all the same: recovery codes stand in for them. */
  readonly takesPasskeys: boolean
  readonly now: () => Date
}

const CHALLENGE_MS = 5 * 60_000 // time to find the phone

/** What follows a first factor: a session, or the question for a second one. */
export function createFinishSignIn(dependencies: FinishSignInDependencies) {
  const { factors, challenges, tokens, proveSecondFactor, openSession, takesPasskeys, now } = dependencies

  /** Null when the account is gone or locked, or has another password by now. */
  async function afterFirstFactor(
    proved: ProvedUser,
    device: Device,
    first: FirstFactor,
  ): Promise<SignInOutcome | null> {
    const state = await factors.stateOf(proved.userId)
    if (!hasSecondFactor(state)) {
      const signIn = await openSession(proved, device, { methods: [first.method], at: first.at })
      return signIn && { kind: 'signed-in', signIn }
    }
    const token = tokens.create()
    const expiresAt = new Date(now().getTime() + CHALLENGE_MS)
    await challenges.add(proved, first, tokens.fingerprint(token), expiresAt)
    return { kind: 'challenged', challenge: { token, expiresAt, methods: methodsOf(state, takesPasskeys) } }
  }

  /** A password is as recent as the code that follows it; a provider may have asked for it long ago. */
  const both = ({ method, at }: FirstFactor, second: CodeMethod): Authentication => {
    return { methods: [method, second], at: method === 'pwd' ? now() : at }
  }

  return {
    afterPassword: (proved: ProvedUser, device: Device) =>
      afterFirstFactor(proved, device, { method: 'pwd', at: now() }),
    afterFirstFactor,
    /** Throws AUTH_TOKEN_INVALID for a challenge that is unknown, over or too old, AUTH_MFA_INVALID for a wrong code. */
    async withCode(token: string, code: string, device: Device): Promise<SignIn> {
      const fingerprint = tokens.fingerprint(token)
      const challenged = await challenges.find(fingerprint, now())
      if (challenged === null) throw challengeRefused()
      const { userId, signInKey } = challenged
      const second = await proveSecondFactor(userId, signInKey, code, device)
      const signIn = (await challenges.end(fingerprint))
        ? await openSession(challenged, device, both(challenged.first, second))
        : null
      if (signIn === null) throw challengeRefused()
      return signIn
    },
  }
}

export type FinishSignIn = ReturnType<typeof createFinishSignIn>

function methodsOf(state: SecondFactorState, takesPasskeys: boolean): readonly MfaMethod[] {
  const { hasTotp, passkeys, recoveryCodesLeft } = state
  const has = {
    totp: hasTotp,
    passkey: takesPasskeys && passkeys > 0,
    sms: takesSms(state),
    'recovery-code': recoveryCodesLeft > 0,
  }
  return (['totp', 'passkey', 'sms', 'recovery-code'] as const).filter((method) => has[method])
}

/** For a challenge that is unknown, over or too old. */
export function challengeRefused(): AppError {
  return new AppError('AUTH_TOKEN_INVALID', { message: 'This sign-in is over: begin again.' })
}
