/**
 * People with something in every service, through the gateway alone. In: the gateway's address. Out: somebody who is signed
 * in, has a profile, writes, asks and enrols, and the words by which they would be found again.
 */
import { WebSocket } from 'ws'
import {
  CreateContentDocument,
  EnrollBiometricDocument,
  GenerateWithAiDocument,
  LoginDocument,
  MeDocument,
  PublishContentDocument,
  RegisterDocument,
} from '../../clients/generated/documents.js'
import { createGraphqlClient, type GraphqlClient } from '../../clients/graphql-client.js'
import { agreeToBiometrics } from '../../demo/agree-to-biometrics.js'
import { agreeToModels } from '../../demo/agree-to-models.js'
import { createFaceSource } from './synthetic-faces.js'
import { until } from './until.js'

export const PASSWORD = 'winding gravel teapot'
const MOST_MS = 30_000

export interface SignedIn {
  /** The gateway. */
  readonly url: string
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly accessToken: string
  readonly client: GraphqlClient
}

/** The gateway, asked by nobody in particular. */
export function strangerAt(url: string): GraphqlClient {
  return createGraphqlClient({ url, webSocketImpl: WebSocket })
}

export async function signIn(url: string, email: string, name: string): Promise<SignedIn> {
  const { login } = await strangerAt(url).request(LoginDocument, { input: { email, password: PASSWORD } })
  if (login.__typename !== 'AuthPayload') throw new Error('The sign-in asks for more.')
  const { accessToken, user } = login
  const client = createGraphqlClient({ url, accessToken: () => accessToken, webSocketImpl: WebSocket })
  return { url, userId: user.id, email, name, accessToken, client }
}

/** Somebody new, whose profile has followed by event. */
export async function newcomer(url: string, email = `${crypto.randomUUID()}@example.com`): Promise<SignedIn> {
  const name = `Zebedee ${crypto.randomUUID().slice(0, 8)}`
  await strangerAt(url).request(RegisterDocument, { input: { email, password: PASSWORD, name } })
  const person = await signIn(url, email, name)
  await until(async () => (await person.client.request(MeDocument, {})).me?.profile?.displayName === name, MOST_MS)
  return person
}

/** Leaves something of them in every service. */
export async function settle({ url, client, name, accessToken }: SignedIn): Promise<void> {
  const begun = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ query: 'mutation { beginPasskeyRegistration { challenge } }' }),
  })
  const answer = await begun.text()
  if (!begun.ok || answer.includes('errors')) throw new Error(`No passkey was begun: ${answer}`)
  const input = {
    type: 'FACE' as const,
    embedding: createFaceSource(3).person().sample(),
    modelVersion: 'synthetic-face-1',
  }
  await agreeToBiometrics(client)
  await client.request(EnrollBiometricDocument, { input })
  await client.request(CreateContentDocument, { input: { title: `Draft of ${name}`, body: 'Not done.' } })
  const { createContent } = await client.request(CreateContentDocument, {
    input: { title: `By ${name}`, body: 'Done.' },
  })
  await client.request(PublishContentDocument, { id: createContent.id })
  await agreeToModels(client)
  await client.request(GenerateWithAiDocument, { input: { prompt: `Who is ${name}?` } })
  await until(async () => {
    const { me } = await client.request(MeDocument, {})
    return me?.publishedContentCount === 1 && me.completedAiRequestCount === 1
  }, MOST_MS)
}

/** What none of which may be found anywhere once they are gone. */
export function tracesOf({ userId, email, name }: SignedIn): readonly string[] {
  return [userId, email, name]
}
