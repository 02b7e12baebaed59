import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { LoginDocument, MeDocument, RegisterDocument } from '../../clients/generated/documents.js'
import { createGraphqlClient, type GraphqlClient } from '../../clients/graphql-client.js'
import { playVerification } from '../../demo/play-verification.js'
import { describeWithEngines } from '../support/engines.js'
import { post } from '../support/raw-request.js'
import { readEvents } from '../support/read-events.js'
import { startProcesses, type Processes } from '../support/start-processes.js'
import { describeStory } from '../support/story-suite.js'
import { createFaceSource } from '../support/synthetic-faces.js'

/** Its streams and durable names are those of production, so NATS and Redis are its own. */
await describeWithEngines(['nats-server', 'redis-server'], 'six processes', () => {
  let processes: Processes
  beforeAll(async () => {
    processes = await startProcesses()
  }, 120_000)
  afterAll(() => processes?.close(), 60_000) // throws when one does not stop in order

  describeStory('six processes on PostgreSQL, NATS and Redis', async () => ({
    url: processes.url,
    keySetUrl: processes.keySetUrl,
    written: async () => processes.written() + (await readEvents(processes.natsUrl)),
    close: async () => {},
  }))

  describe('a process that is killed', () => {
    let client: GraphqlClient
    let token: string

    beforeAll(async () => {
      client = createGraphqlClient({ url: processes.url, accessToken: () => token ?? null, webSocketImpl: WebSocket })
      token = await signIn(client)
    })
    afterAll(() => client?.close())

    const ask = (query: string) => post(processes.url, query, {}, token)

    it('takes its own fields with it and no others, and brings them back', async () => {
      const query =
        '{ me { id email profile { displayName } publishedContentCount } contents { edges { node { id } } } }'
      const before = await ask(query)
      expect(before.body.errors).toBeUndefined()
      expect(await processes.isHealthy('content')).toBe(true)

      await processes.kill('content')
      expect(await processes.isHealthy('content')).toBe(false)
      const { me } = await client.request(MeDocument, {})
      expect(me).toMatchObject({ profile: { displayName: 'Grace Hopper' }, publishedContentCount: 0 })
      const without = await ask(query)
      expect(without.body.data).toEqual({ ...before.body.data, contents: null })
      expect(without.body.errors).toEqual([
        expect.objectContaining({
          path: ['contents'],
          extensions: expect.objectContaining({ code: 'SUBGRAPH_UNAVAILABLE', service: 'content' }),
        }),
      ])
      expect(JSON.stringify(without.body)).not.toMatch(/127\.0\.0\.1|localhost|ECONN/)
      expect(JSON.stringify(without.body)).not.toContain(String(processes.ports.content))

      await processes.restart('content')
      expect((await ask(query)).body).toEqual(before.body)
    }, 60_000)

    it('verifies again once it is back, and tells the others', async () => {
      await processes.kill('biometric')
      await processes.restart('biometric')
      const faces = { ...createFaceSource(13), modelVersion: 'synthetic-face-1' }
      const { genuine, impostor, me } = await playVerification(client, faces)
      expect(genuine.progress.map(({ state }) => state).at(-1)).toBe('SUCCEEDED')
      expect(impostor.result?.decision).toBe('NON_MATCH')
      expect(me.me?.lastVerifiedAt).toBe(genuine.result?.decidedAt)
    }, 60_000)
  })
})

async function signIn(client: GraphqlClient): Promise<string> {
  const input = { email: 'grace@example.com', password: `battery staple ${crypto.randomUUID()}` }
  await client.request(RegisterDocument, { input: { ...input, name: 'Grace Hopper' } })
  const { login } = await client.request(LoginDocument, { input })
  if (login.__typename !== 'AuthPayload') throw new Error(`Signing in gave ${login.__typename}.`)
  return login.accessToken
}
