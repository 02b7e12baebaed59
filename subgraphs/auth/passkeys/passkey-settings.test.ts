import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { passkeySettings, passkeyVariables } from './passkey-settings.js'

const variables = z.object(passkeyVariables)
const read = (AUTH_PASSKEY_ORIGINS?: string, AUTH_PASSKEY_RP_ID?: string) => {
  const given = variables.parse({ AUTH_PASSKEY_ORIGINS, AUTH_PASSKEY_RP_ID })
  return passkeySettings(given.AUTH_PASSKEY_ORIGINS, given.AUTH_PASSKEY_RP_ID)
}

describe('the settings of passkeys', () => {
  it.each([
    ['https://app.example.com', undefined, 'app.example.com'],
    ['https://app.example.com, https://www.example.com', 'example.com', 'example.com'],
    ['https://app.example.com:8443', 'example.com', 'example.com'],
    ['http://localhost:8090', undefined, 'localhost'],
  ])('bind them, for %s and %s, to %s', (origins, wanted, rpId) => {
    expect(read(origins, wanted)).toEqual({ rpId, origins: origins.split(', ') })
  })

  it('are null where no page is named: then there are none', () => {
    expect(read()).toBeNull()
  })

  it.each([
    ['http://app.example.com', undefined, /must be origins/],
    ['https://app.example.com/', undefined, /must be origins/],
    ['https://127.0.0.1', undefined, /must be origins/],
    ['https://[::1]', undefined, /must be origins/],
    ['app.example.com', undefined, /must be origins/],
    ['https://app.example.com', 'https://example.com', /must be a domain/],
    ['https://app.example.com', 'com', /the domain of every origin/],
    ['https://app.example.com', 'ample.com', /the domain of every origin/],
    ['https://app.example.com', 'login.app.example.com', /the domain of every origin/],
    ['https://app.example.com,https://other.org', undefined, /the domain of every origin/],
  ])('refuse %s with %s', (origins, rpId, why) => {
    expect(() => read(origins, rpId)).toThrow(why)
  })
})
