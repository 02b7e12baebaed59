import { describe, expect, it } from '@jest/globals'
import { providerVariables } from './provider-settings.js'

const parse = (...providers: readonly Record<string, unknown>[]) =>
  providerVariables.AUTH_PROVIDERS.safeParse(JSON.stringify(providers))

const google = {
  id: 'google',
  displayName: 'Google',
  issuer: 'https://accounts.google.com',
  clientId: 'client',
  clientSecret: 'secret',
  redirectUris: ['https://app.example.com/google'],
}
const keycloak = {
  ...google,
  id: 'keycloak',
  issuer: 'https://id.example.com/realms/a',
  redirectUris: ['https://app.example.com/a'],
}

describe('AUTH_PROVIDERS', () => {
  it('is none unless given', () => {
    expect(providerVariables.AUTH_PROVIDERS.parse(undefined)).toEqual([])
  })

  it('takes several providers, which vouch for no address unless told so', () => {
    const { data } = parse(google, { ...keycloak, clientSecret: undefined, emailDomains: ['Example.COM'] })
    expect(data?.map(({ authentication, emailDomains }) => [authentication.kind, emailDomains])).toEqual([
      ['basic', []],
      ['none', ['example.com']],
    ])
  })

  it.each([
    ['an issuer in the clear', { issuer: 'http://accounts.example.com' }],
    ['an issuer that looks local', { issuer: 'http://localhost.example.com' }],
    ['an issuer that hides a host behind credentials', { issuer: 'http://localhost:1@example.com' }],
    ['an issuer of many tenants', { issuer: 'https://login.microsoftonline.com/common/v2.0' }],
    ['GitHub, which speaks no OpenID Connect', { issuer: 'https://github.com' }],
    ['a redirect in the clear', { redirectUris: ['http://app.example.com/google'] }],
    ['a redirect with a query', { redirectUris: ['https://app.example.com/google?a=b'] }],
    ['no redirect', { redirectUris: [] }],
    ['scopes without openid', { scopes: ['email'] }],
    ['two secrets', { apple: { teamId: 't', keyId: 'k', privateKey: 'p' } }],
    ['a word it does not know', { clientsecret: 'secret' }],
  ])('refuses %s', (_what, change) => {
    expect(parse({ ...google, ...change }).success).toBe(false)
  })

  it('takes what stays on this machine in the clear', () => {
    const local = { issuer: 'http://localhost:8090', redirectUris: ['http://127.0.0.1:3000/back'] }
    expect(parse({ ...google, ...local }).success).toBe(true)
  })

  it.each([
    ['id', { id: 'google' }],
    ['issuer', { issuer: 'https://accounts.google.com/' }],
    ['redirect address', { redirectUris: google.redirectUris }],
  ])('refuses two with the same %s: answers of one could pass for those of the other', (_what, change) => {
    expect(parse(google, keycloak).success).toBe(true)
    expect(parse(google, { ...keycloak, ...change }).success).toBe(false)
  })

  it('repeats nothing of a text that is not JSON', () => {
    const { error } = providerVariables.AUTH_PROVIDERS.safeParse('[{"clientSecret":"hush"')
    expect(error?.issues.map(({ message }) => message)).toEqual(['must be JSON'])
  })
})
