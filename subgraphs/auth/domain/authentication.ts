/** A way of proving who one is, by its name in RFC 8176 (`amr`): a password, a one-time code. */
export type Method = 'pwd' | 'otp'

/** How somebody proved who they are, and when. */
export interface Authentication {
  readonly methods: readonly Method[]
  readonly at: Date
}

/** NIST SP 800-63B-4 section 2: one factor, or two that differ in kind. */
export type AssuranceLevel = 'aal1' | 'aal2'

export function levelOf(methods: readonly Method[]): AssuranceLevel {
  return methods.includes('pwd') && methods.includes('otp') ? 'aal2' : 'aal1'
}
