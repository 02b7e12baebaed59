/**
 * The page's one way to the gateway. In: typed documents. Out: typed data. Tokens stay in memory: a page that is loaded anew
 * has none, and no script of another page finds any.
 */
import { createGraphqlClient } from '../graphql-client.js'
import { LogoutDocument, RefreshTokenDocument, type SignedInFragment } from '../generated/documents.js'
import { GraphqlRequestError } from '../graphql-request-error.js'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { metaContent } from './elements.js'

let tokens: Pick<SignedInFragment, 'accessToken' | 'refreshToken'> | null = null

const client = createGraphqlClient({
  url: metaContent('graphql'),
  accessToken: () => tokens?.accessToken ?? null,
})

export function isSignedIn(): boolean {
  return tokens !== null
}

/** Keeps a new pair. */
export function signedIn(pair: SignedInFragment): void {
  tokens = { accessToken: pair.accessToken, refreshToken: pair.refreshToken }
}

/** Keeps a fresh access token of the same session. */
export function reauthenticated(accessToken: string): void {
  if (tokens !== null) tokens = { ...tokens, accessToken }
}

/** Asks; a token that has expired is renewed once. Throws GraphqlRequestError, and TypeError where nobody answers. */
export async function ask<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  try {
    return await client.request(document, variables)
  } catch (error) {
    if (!(error instanceof GraphqlRequestError) || error.code !== 'AUTH_TOKEN_EXPIRED' || tokens === null) throw error
    const { refreshToken } = tokens
    tokens = null // an expired token would be refused here too
    const renewed = await client.request(RefreshTokenDocument, { input: { refreshToken } })
    tokens = { accessToken: renewed.refreshToken.accessToken, refreshToken: renewed.refreshToken.refreshToken }
    return client.request(document, variables)
  }
}

/** Ends the session, and forgets its tokens whatever the gateway says. */
export async function signOut(): Promise<void> {
  try {
    await ask(LogoutDocument, {})
  } finally {
    tokens = null
  }
}
