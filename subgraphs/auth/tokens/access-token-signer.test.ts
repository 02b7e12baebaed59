import { describe, expect, it } from '@jest/globals'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader } from 'jose'
import { createAccessTokenVerifier } from '../../../platform/identity/access-token-verifier.js'
import { createSigningKey, createTestIssuer } from '../../../tests/support/test-tokens.js'
import { createAccessTokenSigner } from './access-token-signer.js'
import { openSigningKeys } from './signing-keys.js'

const userId = 'b8a1f1de-5a4b-4b0e-9b8e-0d6c3a0a4f11'
const sessionId = '4c1cb5c3-6d9e-4b3a-8e0a-2f0c5f8f5e22'
const code = (of: string) => expect.objectContaining({ code: of })

describe('access tokens', () => {
  it('carry the claims a service needs and nothing personal', async () => {
    const keys = await openSigningKeys([await createSigningKey('k1')])
    const now = () => new Date('2026-01-01T00:00:00Z')
    const signer = createAccessTokenSigner({ issuer: 'i', audience: 'a', keys, lifetimeSeconds: 900, now })

    const authentication = { methods: ['pwd', 'otp'] as const, at: new Date('2025-12-31T23:00:00.900Z') }
    const permissions = ['user:read', 'content:read']
    const token = await signer.sign({ userId, sessionId, roles: ['user'], permissions, authentication })

    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' })
    const issuedAt = Date.UTC(2026, 0) / 1000
    expect(decodeJwt(token)).toEqual({
      iss: 'i',
      aud: 'a',
      sub: userId,
      sid: sessionId,
      jti: expect.any(String),
      iat: issuedAt,
      exp: issuedAt + 900,
      roles: ['user'],
      scope: 'user:read content:read',
      amr: ['pwd', 'otp', 'mfa'],
      acr: 'aal2',
      auth_time: issuedAt - 3_600,
    })
  })

  it('of a previous key stay good, and a new key signs', async () => {
    const [older, newer] = [await createSigningKey(), await createSigningKey()]
    const before = await openSigningKeys([older])
    const after = await openSigningKeys([newer, older])
    const options = { issuer: 'i', audience: 'a', lifetimeSeconds: 900, now: () => new Date() }
    const authentication = { methods: ['pwd'] as const, at: new Date() }
    const claims = { userId, sessionId, roles: ['user'], permissions: [], authentication }
    const oldToken = await createAccessTokenSigner({ ...options, keys: before }).sign(claims)
    const newToken = await createAccessTokenSigner({ ...options, keys: after }).sign(claims)

    const keys = createLocalJWKSet({ keys: [...after.publicSet.keys] })
    const verifier = createAccessTokenVerifier({ issuer: 'i', audience: 'a', keys })

    expect((await verifier.verify(oldToken)).userId).toBe(userId)
    expect((await verifier.verify(newToken)).userId).toBe(userId)
    expect(decodeProtectedHeader(newToken).kid).not.toBe(decodeProtectedHeader(oldToken).kid)
  })

  it('publish no private part of any key', async () => {
    const { publicSet } = await openSigningKeys([await createSigningKey(), await createSigningKey('second')])

    expect(publicSet.keys.map((key) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    ])
  })
})

describe('a test issuer', () => {
  it('makes tokens its verifier accepts, with the permissions of their roles', async () => {
    const { token, verifier } = await createTestIssuer()

    const principal = await verifier.verify(await token({ userId, sessionId }))

    expect(principal).toMatchObject({ userId, sessionId, roles: ['user'] })
    expect(principal.permissions).toContain('biometric:enroll')
    expect((await verifier.verify(await token({ roles: ['admin'] }))).permissions).toContain('admin:users')
    expect([...(await verifier.verify(await token({ scopes: ['x:y'] }))).permissions]).toEqual(['x:y'])
  })

  it('makes expired, forged and misdirected tokens too', async () => {
    const { token, verifier } = await createTestIssuer()
    const stranger = await createTestIssuer()

    await expect(verifier.verify(await token({ expiresInSeconds: -6 }))).rejects.toEqual(code('AUTH_TOKEN_EXPIRED'))
    await expect(verifier.verify(await stranger.token())).rejects.toEqual(code('AUTH_TOKEN_INVALID'))
    await expect(verifier.verify(await token({ audience: 'other' }))).rejects.toEqual(code('AUTH_TOKEN_INVALID'))
    await expect(verifier.verify(await token({ issuer: 'other' }))).rejects.toEqual(code('AUTH_TOKEN_INVALID'))
  })
})
