import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import {
  CreateContentDocument,
  EnrollBiometricDocument,
  LoginDocument,
  MeDocument,
  PublishContentDocument,
  RegisterDocument,
  StartVerificationDocument,
  SubmitVerificationFrameDocument,
  VerificationProgressDocument,
} from '../../clients/generated/documents.js'
import { createGraphqlClient, type GraphqlClient } from '../../clients/graphql-client.js'
import { GraphqlRequestError } from '../../clients/graphql-request-error.js'
import { agreeToBiometrics } from '../../demo/agree-to-biometrics.js'
import { errorCodes, isErrorCode } from '../../platform/errors/error-codes.js'
import { describeWithEngines } from '../support/engines.js'
import { startPostgres } from '../support/private-postgres.js'
import { startNats, startRedis, type PrivateServer } from '../support/private-servers.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { createFaceSource } from '../support/synthetic-faces.js'
import { until } from '../support/until.js'

const AWAY_MS = 10_000
const engines = ['postgres', 'nats', 'redis'] as const
type Engine = (typeof engines)[number]
const checkOf = { postgres: 'database', nats: 'bus', redis: 'cache' } as const

await describeWithEngines(['nats-server', 'redis-server'], 'an outage of 10 s', () => {
  const servers = {} as Record<Engine, PrivateServer>
  let supergraph: Supergraph
  let client: GraphqlClient
  let published = 0

  beforeAll(async () => {
    servers.postgres = await startPostgres()
    servers.nats = await startNats()
    servers.redis = await startRedis()
    const [DATABASE_URL, NATS_URL, REDIS_URL] = engines.map((engine) => servers[engine].url)
    supergraph = await startSupergraph({ DATABASE_URL: DATABASE_URL!, NATS_URL: NATS_URL!, REDIS_URL: REDIS_URL! })
    client = await signedIn(supergraph.url)
  }, 60_000)

  afterAll(async () => {
    await client?.close()
    await supergraph?.close()
    for (const engine of engines) await servers[engine]?.close()
  }, 60_000)

  it.each(engines)(
    'of %s is told by /ready, answered with codes, and loses and repeats nothing',
    async (engine) => {
      const verification = await openVerification(client)
      await servers[engine].kill()
      const backAt = Date.now() + AWAY_MS
      await until(async () => (await readiness(supergraph)).checks[checkOf[engine]]?.status !== 'up')
      expect((await readiness(supergraph)).code).toBe(engine === 'postgres' ? 503 : 200)
      const codes = new Set<string>()
      while (Date.now() < backAt) {
        await publishOne(client).then(
          () => (published += 1),
          (error: unknown) => codes.add(codeOf(error)),
        )
        await delay(200)
      }
      await servers[engine].restart()
      await until(async () => (await readiness(supergraph)).status === 'up', 20_000)

      if (engine === 'postgres') expect([...codes]).toEqual(['INT_DATABASE_ERROR'])
      else expect([...codes]).toEqual([])
      await publishOne(client)
      published += 1
      await until(async () => (await client.request(MeDocument, {})).me?.publishedContentCount === published, 20_000)
      expect(await verification.finish()).toEqual(['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'SUCCEEDED'])
      await delay(200) // what would come twice would come now
      expect((await client.request(MeDocument, {})).me?.publishedContentCount).toBe(published)
    },
    60_000,
  )
})

async function signedIn(url: string): Promise<GraphqlClient> {
  let token: string | null = null
  const client = createGraphqlClient({ url, accessToken: () => token, webSocketImpl: WebSocket })
  const input = { email: 'ada@example.com', password: `battery staple ${crypto.randomUUID()}` }
  await client.request(RegisterDocument, { input: { ...input, name: 'Ada Lovelace' } })
  const { login } = await client.request(LoginDocument, { input })
  if (login.__typename === 'AuthPayload') token = login.accessToken
  return client
}

async function publishOne(client: GraphqlClient): Promise<void> {
  const { createContent } = await client.request(CreateContentDocument, { input: { title: 'Title', body: 'Body' } })
  await client.request(PublishContentDocument, { id: createContent.id })
}

/** A verification that is watched from before an outage, to be decided after it. */
async function openVerification(client: GraphqlClient) {
  const face = createFaceSource(11).person()
  const frame = () => ({ embedding: face.sample(), modelVersion: 'm1' })
  await agreeToBiometrics(client)
  const { enrollBiometric } = await client.request(EnrollBiometricDocument, { input: { type: 'FACE', ...frame() } })
  const { startVerification } = await client.request(StartVerificationDocument, { recordId: enrollBiometric.id })
  const states: string[] = []
  const watching = (async () => {
    const events = client.subscribe(VerificationProgressDocument, { sessionId: startVerification.id })
    for await (const { verificationProgress } of events) states.push(verificationProgress.state)
  })()
  await until(() => states.length === 1)
  return {
    async finish(): Promise<string[]> {
      const { id: sessionId, nonce } = startVerification
      await client.request(SubmitVerificationFrameDocument, { input: { sessionId, nonce: nonce ?? '', ...frame() } })
      await watching
      return states
    },
  }
}

async function readiness({ ports }: Supergraph) {
  const response = await fetch(`http://127.0.0.1:${ports['user']}/ready`)
  const body = (await response.json()) as { status: string; checks: Record<string, { status: string }> }
  return { ...body, code: response.status }
}

/** The code of a refusal; a refusal without one of the closed list, or one that should not be tried again, fails the test. */
function codeOf(error: unknown): string {
  if (!(error instanceof GraphqlRequestError) || !isErrorCode(error.code)) throw error
  expect(errorCodes[error.code].retry).toBe(true)
  return error.code
}
