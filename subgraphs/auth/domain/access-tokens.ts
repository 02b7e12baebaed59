import type { Authentication } from './authentication.js'

export interface AccessTokenClaims {
  readonly userId: string
  readonly sessionId: string
  readonly roles: readonly string[]
  /** As `resource:action`. */
  readonly permissions: readonly string[]
  /** Null for a program, which nobody signs in: `userId` is its client id then. */
  readonly authentication: Authentication | null
}

/** Makes the tokens every service accepts until they expire. */
export interface AccessTokens {
  readonly lifetimeSeconds: number
  /** Good for `lifetimeSeconds` unless another time is given. */
  sign(claims: AccessTokenClaims, lifetimeSeconds?: number): Promise<string>
}
