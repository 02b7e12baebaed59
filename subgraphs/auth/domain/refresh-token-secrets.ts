/** Refresh tokens as secrets: only their fingerprints are ever stored. */
export interface RefreshTokenSecrets {
  /** 32 random bytes in base64url. */
  create(): string
  /** What is stored and looked up instead of the token. */
  fingerprint(token: string): Uint8Array<ArrayBuffer>
  /** Encrypts a successor so that only the token it replaces opens it. */
  seal(successor: string, under: string): Promise<string>
  /** Throws when `sealed` was not sealed under this token. */
  open(sealed: string, under: string): Promise<string>
}
