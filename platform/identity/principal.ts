/** Who asks, as a verified access token says; the same in the gateway and in every subgraph. */
export interface Principal {
  /** The user's id (claim `sub`), a UUID. */
  readonly userId: string
  /** The session the token belongs to (claim `sid`). */
  readonly sessionId: string
  readonly roles: readonly string[]
  /** Permissions as `resource:action` (claim `scope`, RFC 9068 section 2.2.3). */
  readonly permissions: ReadonlySet<string>
  /** Seconds since the epoch (claim `exp`). */
  readonly expiresAtSeconds: number
  /** The key that signed the token (its header's `kid`), where one is named. */
  readonly keyId?: string
  /** Every verified claim, for rules this house does not know. */
  readonly claims: Readonly<Record<string, unknown>>
}
