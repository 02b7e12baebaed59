import type { Done } from './manage-second-factors.js'

/** What a code is for: to show that a number is one's own, to sign in, to open an account, or to choose a new password. */
export type SmsPurpose = 'confirm' | 'sign_in' | 'register' | 'reset'

/** Whose code it is. */
export type CodeOwner = { readonly userId: string } | { readonly registrationId: string }

/** A code somebody asks for. */
export interface WantedCode {
  readonly id: string
  /** Null for `register`, and for `reset`: whose number it is is looked up where the code is noted. */
  readonly userId: string | null
  /** Null but for `register`. */
  readonly registrationId: string | null
  readonly purpose: SmsPurpose
  /** E.164. */
  readonly number: string
  /** Where it is asked for from, if that is known. */
  readonly ipAddress: string | null
  /** What that is counted by. */
  readonly network: string
  readonly at: Date
  readonly expiresAt: Date
}

/** A code that can still be shown. */
export interface LiveCode {
  readonly id: string
  readonly number: string
}

export interface PhoneStore {
  /** What guesses at a live account are counted by. Throws AUTH_TOKEN_INVALID where there is none. */
  signInKeyOf(userId: string): Promise<string>
  /** The confirmed number of a live account; null where there is none. */
  numberOf(userId: string): Promise<string | null>
  /**
   * Notes a code to be sent, in place of an earlier one of its purpose. Returns null, or in how many seconds to ask again
   * where a limit is reached: nothing is noted then. Of two at once the second sees the first. A code for a `reset` of a number
   * that no account is found by is noted, counted and never sent.
   */
  request(wanted: WantedCode): Promise<number | null>
  /** Takes one of five tries at the newest code of a purpose, before anything is compared. Null where none can be shown. */
  claimTry(owner: CodeOwner, purpose: SmsPurpose, at: Date): Promise<LiveCode | null>
  /** Uses a code up. False when it was: of two at once one is true. */
  use(id: string, at: Date): Promise<boolean>
  /**
   * Uses the code up, and puts its number in place of any other; with these recovery codes where it is the account's first
   * second factor. An account without an address is found by it from then on. Null where the code was used before. Throws
   * AUTH_TOKEN_INVALID where the session has ended, RES_ALREADY_EXISTS where another account is found by the number.
   */
  confirm(
    userId: string,
    code: LiveCode,
    recoveryCodes: readonly Uint8Array<ArrayBuffer>[],
    done: Done,
  ): Promise<{ readonly isFirstFactor: boolean } | null>
  /**
   * Removes the number, and recovery codes that stand in for nothing then. False: there is none. Throws as `confirm` does, and
   * RES_CONFLICT where the account is found by the number.
   */
  remove(userId: string, done: Done): Promise<boolean>
}

/** Codes of six digits, kept nowhere: each is computed of a message's id under a key. */
export interface SmsCodes {
  of(id: string): string
  /** In a time that does not depend on the code. */
  isOf(id: string, code: string): boolean
}

export const SMS_CODE_MS = 5 * 60_000
export const SMS_PAUSE_MS = 60_000

export interface TakeSmsCodeDependencies {
  readonly phones: Pick<PhoneStore, 'claimTry' | 'use'>
  readonly smsCodes: SmsCodes
  readonly now: () => Date
}

/** Uses up the code that was sent for signing in. Whoever calls has claimed a try of those that all factors share. */
export function createTakeSmsCode({ phones, smsCodes, now }: TakeSmsCodeDependencies) {
  return async (userId: string, code: string): Promise<boolean> => {
    const live = await phones.claimTry({ userId }, 'sign_in', now())
    return live !== null && smsCodes.isOf(live.id, code) && phones.use(live.id, now())
  }
}
