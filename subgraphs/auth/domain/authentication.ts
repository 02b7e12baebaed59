/**
 * A way of proving who one is, by its name in RFC 8176 (`amr`): a password, a one-time code, the possession of a key, which
 * counts only where its holder was verified by the authenticator; and `fed`, for which it has no name: an identity provider,
 * which counts as one factor whatever it says of its own. `sms` is a code by text message.
 */
export type Method = 'pwd' | 'otp' | 'sms' | 'pop' | 'fed'

/** How somebody proved who they are, and when. */
export interface Authentication {
  readonly methods: readonly Method[]
  readonly at: Date
}

/**
 * NIST SP 800-63B-4 section 2: one factor, or two that differ in kind. A text message lifts nobody: whoever has a number moved
 * to another SIM reads it (section 3.1.3.3 restricts it), so that what needs `aal2` needs an app, a passkey or a recovery code.
 */
export type AssuranceLevel = 'aal1' | 'aal2'

/** How old a sign-in may be that changes how one signs in: long enough to find the phone, too short for a borrowed laptop. */
export const FRESH_SECONDS = 300

export function levelOf(methods: readonly Method[]): AssuranceLevel {
  const hasFirst = methods.includes('pwd') || methods.includes('fed')
  return methods.includes('pop') || (hasFirst && methods.includes('otp')) ? 'aal2' : 'aal1'
}

/**
 * The claim `amr` (RFC 8176, section 2). A key whose holder was verified says `user` too, and is two factors by itself. What
 * kind of device holds it is not told: without attestation nobody knows.
 */
export function amrOf(methods: readonly Method[]): readonly string[] {
  const told = methods.includes('pop') ? [...methods, 'user'] : [...methods]
  return told.length > 1 ? [...told, 'mfa'] : told
}
