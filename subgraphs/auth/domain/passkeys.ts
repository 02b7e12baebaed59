import type { Done } from './manage-second-factors.js'
import type { ProvedUser } from './open-session.js'

/** A key pair that signs its owner in (W3C Web Authentication Level 3), as its owner sees it. */
export interface Passkey {
  readonly id: string
  readonly userId: string
  /** Base64url. */
  readonly credentialId: string
  readonly name: string
  /** How a browser may reach it, as WebAuthn names it. */
  readonly transports: readonly string[]
  /** Whether it may be synced among devices; that never changes. */
  readonly isBackupEligible: boolean
  readonly isBackedUp: boolean
  readonly createdAt: Date
  /** Null before it first proved who its owner is. */
  readonly lastUsedAt: Date | null
}

/** What is verified with it. */
export interface PasskeyKey {
  /** Base64url. */
  readonly credentialId: string
  /** A COSE key. */
  readonly publicKey: Uint8Array<ArrayBuffer>
}

/** What an authenticator says of itself when it signs. */
export interface PasskeyState {
  /** Signatures so far; 0 where it does not count. */
  readonly counter: number
  readonly isBackupEligible: boolean
  readonly isBackedUp: boolean
}

export type NewPasskey = Omit<Passkey, 'lastUsedAt'> & PasskeyKey & PasskeyState

/** A passkey with whose it is; that may be locked or not confirmed. */
export interface OwnedPasskey extends Passkey, PasskeyKey {
  readonly owner: ProvedUser
  readonly isLocked: boolean
  readonly isConfirmed: boolean
}

/** What came of adding one. */
export type PasskeyAddition =
  | {
      readonly kind: 'added'
      /** Whether the recovery codes were stored: there was no second factor before. */ readonly withCodes: boolean
    }
  | { readonly kind: 'taken' }
  | { readonly kind: 'too-many' }

/** What changes a passkey throws AUTH_TOKEN_INVALID where its session has ended or the account is locked. */
export interface PasskeyStore {
  /** Oldest first. */
  list(userId: string): Promise<readonly Passkey[]>
  /** Of a live account. */
  find(credentialId: string): Promise<OwnedPasskey | null>
  /**
   * Notes a use. False where it is gone, or where the counter did not move on: of two uses at once with one count one is true
   * (Web Authentication Level 3, section 6.1.1).
   */
  noteUse(id: string, state: PasskeyState, at: Date): Promise<boolean>
  /**
   * Stores it, with these recovery codes where the account had no second factor, and notes the mail about it, all or nothing.
   * AUTH_TOKEN_INVALID also when the password is not that of `passwordVersion` any more.
   */
  add(
    passkey: NewPasskey,
    codes: readonly Uint8Array<ArrayBuffer>[],
    done: Done & { readonly passwordVersion: number; readonly most: number },
  ): Promise<PasskeyAddition>
  /** Null where it is not this user's. */
  rename(userId: string, id: string, name: string, done: Done): Promise<Passkey | null>
  /** Removes it, and the recovery codes with the last second factor, and notes the mail about it. False: it is not this user's. Throws RES_CONFLICT for the last way in. */
  remove(userId: string, id: string, done: Done): Promise<boolean>
  /** Null where there is no live account. */
  holderOf(userId: string): Promise<PasskeyHolder | null>
}

/** Whose passkey it will be, as a device shows it. */
export interface PasskeyHolder {
  readonly address: string
  readonly passwordVersion: number
}

/** Challenges that passkeys are to sign, by their fingerprints. */
export interface PasskeyChallenges {
  add(fingerprint: Uint8Array<ArrayBuffer>, binding: string, expiresAt: Date): Promise<void>
  /** Uses one up, good or not: of many at once one is true. False where it is unknown, too old or of another binding. */
  take(fingerprint: Uint8Array<ArrayBuffer>, binding: string, at: Date): Promise<boolean>
}

/** What a browser answers when a passkey was created; binary values in Base64url. */
export interface CreatedPasskey {
  readonly id: string
  readonly clientDataJSON: string
  readonly attestationObject: string
}

/** What a browser answers when a passkey has signed; binary values in Base64url. */
export interface PasskeyAssertion {
  readonly id: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
  readonly userHandle: string | null
}

/** Checks what browsers answer: form, page, relying party, that the owner was verified, signature. */
export interface PasskeyVerifier {
  /** The challenge that was signed, or is said to have been; null for what can't be read. */
  challengeIn(clientDataJSON: string): string | null
  /** The new key; null for what is not in order. */
  verifyCreation(created: CreatedPasskey, challenge: string): Promise<(PasskeyKey & PasskeyState) | null>
  /** What the authenticator says; null for what is not in order. Counters are compared by who keeps them. */
  verifyAssertion(assertion: PasskeyAssertion, key: PasskeyKey, challenge: string): Promise<PasskeyState | null>
}

/** Whom passkeys are for. */
export interface RelyingParty {
  /** A domain. */
  readonly id: string
  readonly name: string
}

/** How long a challenge is good: time to find the device. */
export const PASSKEY_CHALLENGE_MS = 5 * 60_000

/** What a device keeps to say whose a passkey is: the account's id in bytes, in Base64url. It names nobody. */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')
}
