import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { API_KEY, createGate, GENERATE, READ, startAi, type StartedAi } from '../support/start-ai.js'
import type { Answer } from '../support/start-subgraph.js'

const LIST = `query ($first: Int, $after: String) {
  aiRequests(first: $first, after: $after) { edges { node { id prompt } } pageInfo { hasNextPage endCursor } }
}`
const MODELS = `{ aiModels { id provider contextWindow outputLimit modalities } }`
const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on AiRequest { id user { __typename id } } }
}`

const pageShape = z.object({
  edges: z.array(z.object({ node: z.object({ id: z.string(), prompt: z.string() }) })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
})

let ai: StartedAi

beforeAll(async () => {
  ai = await startAi()
})

afterEach(() => ai.provider.follow([]))

afterAll(() => ai.close())

function codes(answer: Answer): readonly string[] {
  return answer.errors.map(({ extensions }) => extensions.code)
}

describe('a question', () => {
  it('is accepted at once, and answered while its owner watches', async () => {
    const held = createGate({ kind: 'answer', text: 'Because it weaves.' })
    ai.provider.follow(held.script)
    const ada = await ai.person()
    const accepted = await ada.generate({ prompt: 'Why does it weave?' })
    expect(accepted).toMatchObject({
      state: 'QUEUED',
      prompt: 'Why does it weave?',
      output: null,
      failure: null,
      finishedAt: null,
      user: { __typename: 'User', id: ada.userId },
    })
    await held.asked
    expect(await ada.read(accepted.id)).toMatchObject({ state: 'RUNNING' })
    held.open()
    expect(await ada.progressOf(accepted.id)).toEqual([
      { state: 'QUEUED', percent: 0, message: 'Waiting for a worker.' },
      { state: 'RUNNING', percent: 10, message: 'A worker has taken it up.' },
      { state: 'COMPLETED', percent: 100, message: 'large has answered.' },
    ])
    expect(await ada.read(accepted.id)).toMatchObject({
      state: 'COMPLETED',
      output: 'Because it weaves.',
      model: 'large',
      promptTokens: 4,
      completionTokens: 3,
      latencyMs: expect.any(Number),
      finishedAt: expect.any(String),
    })
    expect(await ai.endsOf(accepted.id)).toEqual([
      { requestId: accepted.id, userId: ada.userId, outcome: 'COMPLETED', model: 'large', totalTokens: 7 },
    ])
  })

  it('reaches the provider as it was asked, with its key and no more tokens than the model can say', async () => {
    const ada = await ai.person()
    const prompt = 'Zeile 1\n"Zeile 2" 𝒜'
    const { id } = await ada.generate({ prompt, maxTokens: 2_000 })
    await ada.progressOf(id)
    const question = { model: 'large', prompt, maxTokens: 512, authorization: `Bearer ${API_KEY}` }
    expect(ai.provider.questions.at(-1)).toEqual(question)
  })

  it('goes to the model that is asked for', async () => {
    const ada = await ai.person()
    const { id } = await ada.generate({ model: 'spare' })
    await ada.progressOf(id)
    expect(await ada.read(id)).toMatchObject({ state: 'COMPLETED', model: 'spare' })
    expect(ai.provider.questions.at(-1)?.authorization).toBeNull()
    const unknown = await ada.ask(GENERATE, { input: { prompt: 'Why?', model: 'huge' } })
    expect(unknown.errors[0]?.extensions).toMatchObject({
      code: 'AI_MODEL_NOT_FOUND',
      details: [{ field: 'input.model', reason: 'is none of aiModels' }],
    })
  })

  it('that does not fit is refused, naming the field', async () => {
    const ada = await ai.person()
    const refused = async (input: object) => {
      const { errors } = await ada.ask(GENERATE, { input: { prompt: 'Why?', ...input } })
      return [errors[0]?.extensions.code, errors[0]?.extensions.details?.[0]?.field]
    }
    expect(await refused({ prompt: '' })).toEqual(['VAL_FIELD_TOO_SHORT', 'input.prompt'])
    expect(await refused({ prompt: ' \n' })).toEqual(['VAL_INVALID_FORMAT', 'input.prompt'])
    expect(await refused({ prompt: 'x'.repeat(20_001) })).toEqual(['VAL_FIELD_TOO_LONG', 'input.prompt'])
    expect(await refused({ prompt: 'a\0b' })).toEqual(['VAL_VALIDATION_FAILED', 'input.prompt'])
    expect(await refused({ prompt: 'a\ud800b' })).toEqual(['VAL_VALIDATION_FAILED', 'input.prompt'])
    expect(await refused({ maxTokens: 0 })).toEqual(['VAL_VALIDATION_FAILED', 'input.maxTokens'])
    expect(await refused({ maxTokens: 32_769 })).toEqual(['VAL_VALIDATION_FAILED', 'input.maxTokens'])
  })

  it('needs a token with the permission', async () => {
    const guest = await ai.person({ roles: ['guest'] })
    const input = { prompt: 'Why?' }
    expect(codes(await guest.ask(GENERATE, { input }))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await ai.subgraph.ask(GENERATE, { input }))).toEqual(['AUTH_TOKEN_INVALID'])
    const expired = await ai.subgraph.issuer.token({ expiresInSeconds: -60 })
    expect(codes(await ai.subgraph.ask(MODELS, {}, expired))).toEqual(['AUTH_TOKEN_EXPIRED'])
  })
})

describe('the history', () => {
  it('is one’s own, newest first, page by page', async () => {
    const [ada, eve] = await Promise.all([ai.person(), ai.person()])
    for (const prompt of ['one', 'two', 'three']) await ada.generate({ prompt })
    await eve.generate({ prompt: 'other' })
    const page = async (after: string | null) =>
      pageShape.parse((await ada.ask(LIST, { first: 2, after })).data?.['aiRequests'])
    const first = await page(null)
    const second = await page(first.pageInfo.endCursor)
    const prompts = [...first.edges, ...second.edges].map(({ node }) => node.prompt)
    expect(prompts).toEqual(['three', 'two', 'one'])
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
    expect(codes(await ada.ask(LIST, { after: 'x' }))).toEqual(['VAL_INVALID_FORMAT'])
    expect(codes(await ada.ask(LIST, { first: 101 }))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await ai.subgraph.ask(LIST))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('answers for somebody else’s request as for one that does not exist', async () => {
    const [ada, eve] = await Promise.all([ai.person(), ai.person({ roles: ['admin'] })])
    const { id } = await ada.generate()
    for (const wanted of [id, crypto.randomUUID(), 'no id', '']) {
      expect((await eve.ask(READ, { id: wanted })).data).toEqual({ aiRequest: null })
    }
    // only lower case: `aiRequestProgress` lets in whom this answers, and nothing is ever told of an id in upper case
    expect((await ada.ask(READ, { id: id.toUpperCase() })).data).toEqual({ aiRequest: null })
    const representations = [{ __typename: 'AiRequest', id }]
    expect((await eve.ask(ENTITIES, { representations })).data).toEqual({ _entities: [null] })
    expect((await ai.subgraph.ask(ENTITIES, { representations })).data).toEqual({ _entities: [null] })
  })

  it('refuses what represents no entity', async () => {
    const ada = await ai.person()
    for (const wrong of [
      { __typename: 'Nothing', id: 'x' },
      { __typename: 'AiRequest', id: 7 },
      { id: 'x' },
      null,
      'x',
    ]) {
      const answer = await ada.ask(ENTITIES, { representations: [wrong] })
      expect(['VAL_INVALID_FORMAT', 'BAD_USER_INPUT']).toContain(codes(answer)[0])
    }
  })

  it('gives fifty entities in one statement, in order', async () => {
    const ada = await ai.person()
    const ids: string[] = []
    for (let index = 0; index < 49; index += 1) ids.push((await ada.generate()).id)
    await Promise.all(ids.map((id) => ada.progressOf(id)))
    const representations = [...ids, 'no id'].map((id) => ({ __typename: 'AiRequest', id }))
    const statements = jest.spyOn(pg.Client.prototype, 'query')
    const answer = await ada.ask(ENTITIES, { representations })
    const reads = statements.mock.calls.filter(([query]) =>
      JSON.stringify(query).includes('SELECT \\"ai\\".\\"ai_requests\\"'),
    )
    statements.mockRestore()
    const user = { __typename: 'User', id: ada.userId }
    expect(answer.data?.['_entities']).toEqual([...ids.map((id) => ({ id, user })), null])
    expect(reads).toHaveLength(1)
  })
})

describe('the models', () => {
  it('are told in the order they are tried', async () => {
    const ada = await ai.person()
    const model = { contextWindow: 8_192, outputLimit: 512, modalities: ['TEXT'] }
    expect((await ada.ask(MODELS)).data?.['aiModels']).toEqual([
      { id: 'large', provider: 'first', ...model },
      { id: 'small', provider: 'first', ...model },
      { id: 'spare', provider: 'second', ...model },
    ])
  })

  it('may be none: the question is accepted and fails, saying what to configure', async () => {
    const bare = await startAi({ providers: [] })
    try {
      const ada = await bare.person()
      expect((await ada.ask(MODELS)).data).toEqual({ aiModels: [] })
      const { id } = await ada.generate({ model: 'any' })
      expect(await ada.statesOf(id)).toEqual(['QUEUED', 'RUNNING', 'FAILED'])
      expect(await ada.read(id)).toMatchObject({
        state: 'FAILED',
        failure: { code: 'AI_MODEL_NOT_FOUND', message: expect.stringContaining('AI_PROVIDERS') },
      })
    } finally {
      await bare.close()
    }
  })
})

describe('what nobody else may see', () => {
  it('is in no event and no line of the log: prompts, answers and keys', async () => {
    const ada = await ai.person()
    const [question, answer] = [crypto.randomUUID(), crypto.randomUUID()]
    const secrets = [question, answer, API_KEY]
    ai.provider.follow([{ kind: 'status', status: 401 }, { kind: 'malformed' }, { kind: 'answer', text: answer }])
    const { id } = await ada.generate({ prompt: question })
    expect((await ada.progressOf(id)).at(-1)?.state).toBe('COMPLETED')
    expect(await ada.read(id)).toMatchObject({ prompt: question, output: answer })
    const told = JSON.stringify([await ada.progressOf(id), await ai.endsOf(id), ai.logged])
    expect(ai.logged.join('')).toContain('a model could not answer')
    for (const secret of secrets) expect(told).not.toContain(secret)
  })
})
