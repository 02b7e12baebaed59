/** What a person does at auth's door with accounts of other providers, and what is answered. */
import { z } from 'zod'
import type { StartedProvider } from './openid-provider.js'
import { signInOf, type AnsweredSignIn, type StartedAuth } from './start-auth.js'
import type { Answer } from './start-subgraph.js'

const PAIR = `accessToken expiresIn refreshToken refreshTokenExpiresAt
  session { id current userAgent ipAddress createdAt lastSeenAt expiresAt }
  user { id email role lastLoginAt createdAt }`

const begun = z.object({ begun: z.object({ url: z.string(), browserSecret: z.string(), expiresAt: z.string() }) })

/** What a browser holds on its way. */
export interface Begun {
  readonly url: string
  readonly browserSecret: string
}

const begunOf = ({ data, errors }: Answer): Begun => {
  if (errors.length > 0) throw new Error(`Refused: ${JSON.stringify(errors)}`)
  return begun.parse(data).begun
}

export function providerVisitor(
  auth: StartedAuth,
  ids: ReadonlyMap<string, StartedProvider>,
  redirectUri: (id: string) => string,
) {
  const at = (id: string) => {
    const provider = ids.get(id)
    if (provider === undefined) throw new Error(`No provider ${id}`)
    return provider
  }
  const start = (id: string, more: Record<string, unknown> = {}) =>
    auth.ask(
      'mutation ($input: StartProviderInput!) { begun: startProviderSignIn(input: $input) { url browserSecret expiresAt } }',
      { input: { provider: id, redirectUri: redirectUri(id), ...more } },
    )
  const startLink = (token: string, id: string) =>
    auth.ask(
      'mutation ($input: StartProviderInput!) { begun: startProviderLink(input: $input) { url browserSecret expiresAt } }',
      { input: { provider: id, redirectUri: redirectUri(id) } },
      token,
    )
  const finish = (
    browserSecret: string,
    { error_description: _said, scope: _scope, ...answer }: Readonly<Record<string, string>>,
  ) =>
    auth.ask(
      `mutation ($input: FinishProviderInput!) { login: finishProviderSignIn(input: $input) {
        __typename ... on AuthPayload { ${PAIR} } ... on MfaChallenge { challengeToken expiresAt methods } } }`,
      { input: { browserSecret, ...answer } },
    )
  const link = (token: string, browserSecret: string, answer: Readonly<Record<string, string>>) =>
    auth.ask(
      'mutation ($input: FinishProviderInput!) { linkProvider(input: $input) { id provider { id displayName } } }',
      { input: { browserSecret, ...answer } },
      token,
    )
  /** All the way: begins, signs in there as somebody, comes back. */
  const signIn = async (id: string, subject: string, more: Record<string, unknown> = {}): Promise<Answer> => {
    const { url, browserSecret } = begunOf(await start(id, more))
    return finish(browserSecret, await at(id).visit(url, subject))
  }
  return {
    start,
    startLink,
    finish,
    link,
    begunOf,
    signIn,
    async signedIn(id: string, subject: string): Promise<AnsweredSignIn> {
      return signInOf(await signIn(id, subject))
    },
    /** Links somebody there to the account of a token. */
    async linkAs(token: string, id: string, subject: string): Promise<Answer> {
      const { url, browserSecret } = begunOf(await startLink(token, id))
      return link(token, browserSecret, await at(id).visit(url, subject))
    },
    visit: (id: string, url: string, subject: string | null) => at(id).visit(url, subject),
  }
}

/** A provider as configuration has it. */
export function settingsOf(
  id: string,
  provider: StartedProvider,
  redirectUri: string,
  more: Record<string, unknown> = {},
) {
  const { issuer, clientId, clientSecret } = provider
  return { id, displayName: `House ${id}`, issuer, clientId, clientSecret, redirectUris: [redirectUri], ...more }
}
