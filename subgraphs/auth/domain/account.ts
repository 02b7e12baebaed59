import type { Role } from '../../../platform/identity/roles.js'

/** Who can sign in. Credentials stay out of it: whatever holds an account may be shown to its owner. */
export interface Account {
  readonly id: string
  /** Null where it was opened by phone. */
  readonly email: string | null
  /** Whether its owner has proved to read mail sent to `email`. */
  readonly isEmailVerified: boolean
  readonly role: Role
  /** Since when an administrator keeps it from being used; null where nobody does. */
  readonly lockedAt: Date | null
  readonly createdAt: Date
  readonly lastLoginAt: Date | null
}
