import { describe, expect, it } from '@jest/globals'
import { createSigningKey } from '../../tests/support/test-tokens.js'
import { readAuthConfig } from './config.js'

const key = Buffer.alloc(32, 7).toString('base64')
const needed = {
  TOKEN_ISSUER: 'https://id.example',
  TOKEN_AUDIENCE: 'biometrics',
  AUTH_MASTER_KEYS: `9:${key},1:${key}`,
}

describe('the configuration of auth', () => {
  it('needs issuer, audience and keys, and has no key of its own', () => {
    expect(() => readAuthConfig({})).toThrow(
      /TOKEN_ISSUER: is not set[^]*TOKEN_AUDIENCE: is not set[^]*AUTH_MASTER_KEYS: is needed/,
    )
  })

  it('has the numbers of the house unless told otherwise', async () => {
    const signingKey = await createSigningKey('k1')
    const config = readAuthConfig({ ...needed, AUTH_SIGNING_KEYS: JSON.stringify([signingKey]) })

    expect(config).toEqual({
      http: { host: '0.0.0.0', port: 8081 },
      tokens: {
        issuer: 'https://id.example',
        audience: 'biometrics',
        signingKeys: [signingKey],
        keyRotationMs: 2_592_000_000,
        accessTokenSeconds: 900,
      },
      sessions: { idleMs: 604_800_000, absoluteMs: 2_592_000_000, maxPerUser: 10 },
      mail: {
        smtpUrl: null,
        keptForDevelopers: false,
        from: 'Biometrics <no-reply@localhost>',
        webUrl: 'https://id.example',
      },
      needsConfirmation: false,
      passkeys: null,
      providers: [],
      sms: { gateway: null, mostADay: 1_000, countries: null },
      superadmins: [],
      masterKeys: { keys: { 9: new Uint8Array(32).fill(7), 1: new Uint8Array(32).fill(7) }, currentKeyId: '9' },
      passwords: { memoryKib: 65_536, iterations: 3, parallelism: 2, concurrency: 2, places: 32 },
    })
  })

  it('takes a whole key set, current key first', async () => {
    const keys = [await createSigningKey('new'), await createSigningKey('old')]
    const config = readAuthConfig({ ...needed, AUTH_SIGNING_KEYS: JSON.stringify({ keys }) })

    expect(config.tokens.signingKeys).toEqual(keys)
  })

  it.each(['not json', '[]', '{}', '[{"kty":"oct","k":"c2VjcmV0"}]'])(
    'refuses %j as keys, without repeating it',
    (text) => {
      const read = () => readAuthConfig({ ...needed, AUTH_SIGNING_KEYS: text })
      expect(read).toThrow(/AUTH_SIGNING_KEYS/)
      expect(read).not.toThrow(/c2VjcmV0/)
    },
  )

  it('refuses hashing that is weaker than is safe', async () => {
    const AUTH_SIGNING_KEYS = JSON.stringify([await createSigningKey()])
    expect(() => readAuthConfig({ ...needed, AUTH_SIGNING_KEYS, AUTH_ARGON2_MEMORY_KIB: '1024' })).toThrow(/MEMORY_KIB/)
  })
})
