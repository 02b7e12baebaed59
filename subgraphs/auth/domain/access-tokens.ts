import type { Authentication } from './authentication.js'

export interface AccessTokenClaims {
  readonly userId: string
  readonly sessionId: string
  readonly roles: readonly string[]
  /** As `resource:action`. */
  readonly permissions: readonly string[]
  readonly authentication: Authentication
}

/** Makes the tokens every service accepts until they expire. */
export interface AccessTokens {
  readonly lifetimeSeconds: number
  sign(claims: AccessTokenClaims): Promise<string>
}
