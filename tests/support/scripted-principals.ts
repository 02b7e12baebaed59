import type { AccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'

export interface ScriptedClaims {
  readonly scope?: string
  readonly [claim: string]: unknown
}

/** Takes any claims for true: for tests of what is decided by claims, not of how they are verified. */
export const scriptedVerifier: AccessTokenVerifier = {
  async verify(token) {
    const claims = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as ScriptedClaims
    return {
      userId: '00000000-0000-4000-8000-000000000001',
      sessionId: '00000000-0000-4000-8000-000000000002',
      roles: [],
      permissions: new Set((claims.scope ?? '').split(' ')),
      expiresAtSeconds: Date.now() / 1000 + 900,
      claims,
    }
  },
}

/** The `Authorization` header that `scriptedVerifier` understands. */
export function scriptedAuthorization(claims: ScriptedClaims = {}): Record<string, string> {
  return { authorization: `Bearer ${Buffer.from(JSON.stringify(claims)).toString('base64url')}` }
}
