import { AppError } from '../../../platform/errors/app-error.js'
import { refuseWeaker, type Proved } from './refuse-weaker.js'
import type { Device } from './session.js'
import {
  hasSecondFactor,
  newRecoveryCodes,
  type RecoveryCodes,
  type SecondFactorStore,
  type TotpCodes,
  type TotpSecret,
} from './second-factors.js'

/** What changes a second factor throws AUTH_TOKEN_INVALID where its session has ended or the account is locked. */
export interface SecondFactorChanges extends SecondFactorStore {
  /** The live account's address, for the label an app shows. */
  addressOf(userId: string): Promise<string | null>
  /** Puts a secret in place that protects nothing yet. False, changing nothing, where one is confirmed. */
  propose(userId: string, secret: Uint8Array<ArrayBuffer>, done: Done): Promise<boolean>
  /** Confirms what was proposed, notes the step of its first code and stores these codes, all or nothing. False: there is none. */
  confirm(
    userId: string,
    app: TotpSecret & { readonly step: number },
    codes: readonly Uint8Array<ArrayBuffer>[],
    done: Done,
  ): Promise<boolean>
  /** Removes the app, and the recovery codes where it was the last second factor. False: there was no app. */
  remove(userId: string, done: Done): Promise<boolean>
  /** These codes in place of all others. */
  replaceRecoveryCodes(userId: string, codes: readonly Uint8Array<ArrayBuffer>[], done: Done): Promise<void>
}

/** When something is done, and from where. */
export interface Done {
  readonly at: Date
  readonly device: Device
  /** The session it is done in, which must be live: a token may outlive it by minutes. */
  readonly sessionId: string
}

/** Somebody at their own account. */
export interface By extends Omit<Done, 'at'>, Proved {
  readonly userId: string
}

export interface TotpEnrolment {
  readonly secret: string
  readonly uri: string
}

export interface ManageSecondFactorsDependencies {
  readonly factors: SecondFactorChanges
  readonly totp: TotpCodes
  readonly recoveryCodes: RecoveryCodes
  readonly now: () => Date
}

/** How a person adds, renews and removes a second factor. Whoever calls has checked that the sign-in is fresh enough. */
export function createManageSecondFactors({ factors, totp, recoveryCodes, now }: ManageSecondFactorsDependencies) {
  const newCodes = (userId: string) => newRecoveryCodes(recoveryCodes, userId)
  return {
    stateOf: (userId: string) => factors.stateOf(userId),
    /** A secret for an authenticator app. Throws RES_ALREADY_EXISTS where one is confirmed, AUTH_STEP_UP_REQUIRED. */
    async proposeTotp({ userId, ...by }: By): Promise<TotpEnrolment> {
      const address = await factors.addressOf(userId)
      if (address === null) throw new AppError('RES_NOT_FOUND')
      const state = await factors.stateOf(userId)
      if (!state.hasTotp) refuseWeaker(by, state)
      const secret = totp.createSecret()
      if (!(await factors.propose(userId, secret, { ...by, at: now() }))) throw new AppError('RES_ALREADY_EXISTS')
      return { secret: totp.textOf(secret), uri: totp.uriOf(secret, address) }
    },
    /** Confirms the app by a code it shows; the recovery codes are told this once. Throws AUTH_MFA_INVALID, RES_NOT_FOUND, AUTH_STEP_UP_REQUIRED. */
    async confirmTotp({ userId, ...by }: By, code: string): Promise<readonly string[]> {
      const app = await factors.totpOf(userId)
      if (app === null || app.isConfirmed) throw new AppError('RES_NOT_FOUND')
      refuseWeaker(by, await factors.stateOf(userId))
      const step = totp.stepOf(app.secret, code, now())
      if (step === null) throw new AppError('AUTH_MFA_INVALID')
      const { codes, fingerprints } = newCodes(userId)
      if (!(await factors.confirm(userId, { ...app, step }, fingerprints, { ...by, at: now() })))
        throw new AppError('RES_NOT_FOUND')
      return codes
    },
    /** Throws RES_NOT_FOUND where there is no app. */
    async removeTotp({ userId, ...by }: By): Promise<void> {
      if (!(await factors.remove(userId, { ...by, at: now() }))) throw new AppError('RES_NOT_FOUND')
    },
    /** New recovery codes in place of the old ones. Throws RES_NOT_FOUND where there is no second factor. */
    async renewRecoveryCodes({ userId, ...by }: By): Promise<readonly string[]> {
      if (!hasSecondFactor(await factors.stateOf(userId))) throw new AppError('RES_NOT_FOUND')
      const { codes, fingerprints } = newCodes(userId)
      await factors.replaceRecoveryCodes(userId, fingerprints, { ...by, at: now() })
      return codes
    },
  }
}

export type ManageSecondFactors = ReturnType<typeof createManageSecondFactors>
