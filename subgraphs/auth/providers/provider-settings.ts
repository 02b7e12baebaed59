import { z } from 'zod'

/** A key of an Apple developer team, as a `.p8` file has it. */
export interface AppleKey {
  readonly teamId: string
  readonly keyId: string
  /** PKCS #8 in PEM. */
  readonly privateKey: string
}

/** An identity provider as configuration has it; see docs/accounts.md. */
export interface ProviderSettings {
  readonly id: string
  readonly displayName: string
  readonly issuer: string
  readonly clientId: string
  readonly authentication:
    | { readonly kind: 'none' }
    | { readonly kind: 'basic' | 'post'; readonly secret: string }
    | { readonly kind: 'apple'; readonly key: AppleKey }
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[]
  /** How it sends browsers back: with the answer in the address, or posting a form. */
  readonly responseMode: 'query' | 'form_post'
  /** Domains whose addresses it vouches for, in small letters; `*` for every one. */
  readonly emailDomains: readonly string[]
  /** Whether every sign-in counts as recent, though the provider does not say when it asked who it is. */
  readonly assumesFresh: boolean
}

const loopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/

/** What is sent over a network is encrypted; what stays on a developer's machine need not be. */
const safeAddress = z
  .url({ protocol: /^https?$/, error: 'must be an https address' })
  .refine((url) => url.startsWith('https://') || loopback.test(url), 'must be an https address, or http on localhost')
  .refine((url) => !/[?#@]/.test(url), 'must have no query, fragment or credentials')

/** Microsoft's names for many tenants at once: what they sign names the tenant, so that no issuer is ever the one configured. */
const manyTenants = /^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)(\/|$)/

const issuerAddress = safeAddress
  .refine(
    (url) => !manyTenants.test(url),
    'names many tenants: give the one of yours, https://login.microsoftonline.com/<tenant id>/v2.0',
  )
  .refine(
    (url) => !/^https:\/\/(api\.)?github\.com(\/|$)/.test(url),
    'is no OpenID provider: GitHub signs people in by OAuth 2.0 alone. Put a broker that speaks OpenID Connect in front of it',
  )

const text = z.string().min(1).max(4_096)

const provider = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 small letters, digits, dashes'),
    displayName: z.string().trim().min(1).max(50),
    issuer: issuerAddress,
    clientId: text,
    clientSecret: text.optional(),
    clientAuthentication: z.enum(['basic', 'post']).default('basic'),
    apple: z.strictObject({ teamId: text, keyId: text, privateKey: text }).optional(),
    scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).default(['openid', 'email', 'profile']),
    redirectUris: z.array(safeAddress).min(1),
    responseMode: z.enum(['query', 'form_post']).default('query'),
    emailDomains: z.array(z.string().toLowerCase().min(1)).default([]),
    assumesFresh: z.boolean().default(false),
  })
  .refine(({ scopes }) => scopes.includes('openid'), 'scopes must have openid')
  .refine(({ clientSecret, apple }) => clientSecret === undefined || apple === undefined, 'has two secrets')
  .transform(({ clientSecret, clientAuthentication, apple, ...rest }): ProviderSettings => {
    if (apple !== undefined) return { ...rest, authentication: { kind: 'apple', key: apple } }
    if (clientSecret === undefined) return { ...rest, authentication: { kind: 'none' } }
    return { ...rest, authentication: { kind: clientAuthentication, secret: clientSecret } }
  })

const providers = z
  .array(provider, 'must be a list of providers')
  .refine((all) => areDistinct(all.map(({ id }) => id)), 'two providers have the same id')
  .refine((all) => areDistinct(all.map(({ issuer }) => new URL(issuer).href)), 'two providers have the same issuer')
  // else an answer of one could be taken for an answer of another (RFC 9700 section 4.4.2)
  .refine((all) => areDistinct(all.flatMap(({ redirectUris }) => redirectUris)), 'two providers share a redirectUri')

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}

/** The variables of this room. */
export const providerVariables = {
  AUTH_PROVIDERS: z
    .string()
    .default('[]')
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json)
      } catch {
        // the parser's own words would repeat a piece of the text, perhaps of a secret
        context.addIssue('must be JSON')
        return z.NEVER
      }
    })
    .pipe(providers),
}
