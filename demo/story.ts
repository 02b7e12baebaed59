/**
 * The product's story through one door. In: the gateway's address and a source of synthetic faces. Out: everything that came
 * back, for a test to judge; lines for a person on the way. It refuses nothing itself: faults of the system come out as errors.
 */
import { createGraphqlClient, type GraphqlClient } from '../clients/graphql-client.js'
import { playAi } from './play-ai.js'
import { playContent } from './play-content.js'
import { playIdentity } from './play-identity.js'
import { playVerification, type Faces } from './play-verification.js'
import { narrated, type Tell } from './narrator.js'

export interface StoryOptions {
  /** The gateway, e.g. `http://localhost:8080/graphql`. */
  readonly url: string
  readonly faces: Faces
  readonly tell: Tell
  readonly webSocketImpl?: unknown
}

/** Plays every chapter with a new person. */
export async function playStory(options: StoryOptions) {
  let accessToken: string | null = null
  const bare: GraphqlClient = createGraphqlClient({
    url: options.url,
    accessToken: () => accessToken,
    webSocketImpl: options.webSocketImpl,
  })
  const client = narrated(bare, options.tell)
  const chapter = (title: string) => options.tell(`\n${title}`)
  try {
    chapter('1. Somebody registers and signs in; their user is joined from two subgraphs')
    const identity = await playIdentity(client, (token) => (accessToken = token))
    chapter('2. They enrol their face and are verified, live, joined across three subgraphs')
    const verification = await playVerification(client, options.faces)
    chapter('3. They write, publish and find a text')
    const content = await playContent(client)
    chapter('4. They ask an AI model')
    const ai = await playAi(client)
    return { identity, verification, content, ai }
  } finally {
    await bare.close()
  }
}

export type StoryOutcome = Awaited<ReturnType<typeof playStory>>
