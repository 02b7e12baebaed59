/**
 * Access tokens for tests. In: who the token is for. Out: tokens made by auth's own signer over a key pair made here, and
 * the verifier that accepts them. Two issuers share their names and not their keys, so that a token of another one is a
 * forged one.
 */
import type { Method } from '../../subgraphs/auth/domain/authentication.js'
import { createLocalJWKSet, exportJWK, generateKeyPair } from 'jose'
import { createAccessTokenVerifier, type AccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'
import { roles as knownRoles } from '../../platform/identity/roles.js'
import { permissionsOf } from '../../subgraphs/auth/domain/roles.js'
import { createAccessTokenSigner } from '../../subgraphs/auth/tokens/access-token-signer.js'
import { openSigningKeys, signingKeySchema, type SigningKey } from '../../subgraphs/auth/tokens/signing-keys.js'

export interface TestTokenOptions {
  /** A new user's unless given. */
  readonly userId?: string
  /** A new session's unless given. */
  readonly sessionId?: string
  /** `['user']` unless given. */
  readonly roles?: readonly string[]
  /** What the roles give unless given. */
  readonly scopes?: readonly string[]
  /** From now; 900 unless given. At most -6 for an expired token: verifiers forgive 5 s of clock difference. */
  readonly expiresInSeconds?: number
  readonly issuer?: string
  readonly audience?: string
  /** How its owner signed in; with a password unless given. */
  readonly methods?: readonly Method[]
  /** When; now unless given. */
  readonly authenticatedAt?: Date
}

export interface TestIssuer {
  readonly issuer: string
  readonly audience: string
  /** The private keys, as auth's configuration takes them. */
  readonly signingKeys: readonly SigningKey[]
  readonly verifier: AccessTokenVerifier
  /** A signed access token. */
  token(options?: TestTokenOptions): Promise<string>
}

const LIFETIME_SECONDS = 900

/** An issuer with a key pair of its own. */
export async function createTestIssuer(): Promise<TestIssuer> {
  const issuer = 'http://auth.test'
  const audience = 'biometrics'
  const signingKeys = [await createSigningKey()]
  const keys = await openSigningKeys(signingKeys)
  return {
    issuer,
    audience,
    signingKeys,
    verifier: createAccessTokenVerifier({
      issuer,
      audience,
      keys: createLocalJWKSet({ keys: [...keys.publicSet.keys] }),
    }),
    token(options = {}) {
      const { roles = ['user'], expiresInSeconds = LIFETIME_SECONDS } = options
      const signer = createAccessTokenSigner({
        issuer: options.issuer ?? issuer,
        audience: options.audience ?? audience,
        keys,
        lifetimeSeconds: LIFETIME_SECONDS,
        now: () => new Date(Date.now() + (expiresInSeconds - LIFETIME_SECONDS) * 1000),
      })
      return signer.sign({
        userId: options.userId ?? crypto.randomUUID(),
        sessionId: options.sessionId ?? crypto.randomUUID(),
        roles,
        permissions: options.scopes ?? permissionsOfAll(roles),
        authentication: { methods: options.methods ?? ['pwd'], at: options.authenticatedAt ?? new Date() },
      })
    },
  }
}

/** A new private key, as auth's configuration takes it. */
export async function createSigningKey(kid?: string): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  return signingKeySchema.parse({ ...(await exportJWK(privateKey)), ...(kid !== undefined && { kid }) })
}

function permissionsOfAll(names: readonly string[]): readonly string[] {
  const known = knownRoles.filter((role) => names.includes(role))
  return [...new Set(known.flatMap(permissionsOf))]
}
