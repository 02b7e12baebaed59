import type { Role } from './roles.js'

/** Who can sign in. Credentials stay out of it: whatever holds an account may be shown to its owner. */
export interface Account {
  readonly id: string
  readonly email: string
  readonly role: Role
  readonly createdAt: Date
  readonly lastLoginAt: Date | null
}
