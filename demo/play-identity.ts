import { LoginDocument, MeDocument, RegisterDocument } from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { eventually } from './eventually.js'

/** Registers a new person, signs them in and waits until their profile has followed by event. */
export async function playIdentity(client: GraphqlClient, keepToken: (accessToken: string) => void) {
  const email = `ada.${crypto.randomUUID().slice(0, 8)}@example.com`
  const password = `correct horse ${crypto.randomUUID()}`
  const registration = await client.request(RegisterDocument, { input: { email, password, name: 'Ada Lovelace' } })
  const login = await client.request(LoginDocument, { input: { email, password } })
  if (login.login.__typename !== 'AuthPayload')
    throw new Error('The sign-in asks for something this story does not know.')
  keepToken(login.login.accessToken)
  const me = await eventually(
    () => client.request(MeDocument, {}),
    (answer) => answer.me?.profile?.displayName === 'Ada Lovelace',
  )
  return { email, registration, tokens: login.login, me }
}
