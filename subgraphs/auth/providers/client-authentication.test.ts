import { expect, it } from '@jest/globals'
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { clientAuthentication } from './client-authentication.js'

it('signs Apple’s secret anew for each use: by the team, for the service, five minutes', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { teamId: 'TEAM123456', keyId: 'KEY1234567', privateKey: await exportPKCS8(privateKey) }
  const issuer = 'https://appleid.apple.com'
  const now = new Date('2026-03-01T12:00:00Z')
  const authenticate = clientAuthentication({ issuer, authentication: { kind: 'apple', key } }, () => now)
  const body = new URLSearchParams()
  await authenticate({ issuer }, { client_id: 'com.example.signin' }, body, new Headers())
  expect(body.get('client_id')).toBe('com.example.signin')
  const { payload, protectedHeader } = await jwtVerify(body.get('client_secret') ?? '', publicKey, { currentDate: now })
  expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'KEY1234567' })
  expect(payload).toEqual({
    iss: 'TEAM123456',
    sub: 'com.example.signin',
    aud: issuer,
    iat: now.getTime() / 1000,
    exp: now.getTime() / 1000 + 300,
  })
})
