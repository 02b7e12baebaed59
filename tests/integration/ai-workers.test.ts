import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { defaultWorkers } from '../../subgraphs/ai/config.js'
import { openAiService } from '../../subgraphs/ai/service.js'
import type { OpenAiStep } from '../support/openai-server.js'
import { createGate, startAi, type StartedAi } from '../support/start-ai.js'

let ai: StartedAi

beforeAll(async () => {
  ai = await startAi()
})

afterEach(() => ai.provider.follow([]))

afterAll(() => ai.close())

describe('when a model can’t answer', () => {
  const tokens = { prompt_tokens: 1, completion_tokens: 1 }
  const body = (value: unknown): OpenAiStep => ({ kind: 'body', body: JSON.stringify(value) })

  it.each<[string, OpenAiStep, string]>([
    ['has too much to do', { kind: 'status', status: 429 }, 'AI_REQUEST_FAILED'],
    ['is broken', { kind: 'status', status: 500 }, 'AI_REQUEST_FAILED'],
    ['refuses the key', { kind: 'status', status: 401 }, 'AI_REQUEST_FAILED'],
    ['hangs up', { kind: 'cut' }, 'AI_REQUEST_FAILED'],
    ['is not known to its provider', { kind: 'wrong-model' }, 'AI_MODEL_NOT_FOUND'],
    ['answers with half of a JSON', { kind: 'malformed' }, 'AI_INVALID_RESPONSE'],
    ['answers with no choice', body({ choices: [], usage: tokens }), 'AI_INVALID_RESPONSE'],
    ['answers with nothing', body({ choices: [{ message: { content: null } }] }), 'AI_INVALID_RESPONSE'],
    [
      'miscounts',
      body({ choices: [{ message: { content: 'x' } }], usage: { ...tokens, prompt_tokens: -1 } }),
      'AI_INVALID_RESPONSE',
    ],
    ['answers without end', { kind: 'answer', text: 'x'.repeat(5 * 1024 * 1024) }, 'AI_REQUEST_FAILED'],
  ])('because it %s the next one is asked, and in the end the request fails', async (_why, step, code) => {
    const ada = await ai.person()
    ai.provider.follow([step, { kind: 'answer', text: 'Because.' }])
    const saved = await ada.generate()
    expect(await ada.statesOf(saved.id)).toEqual(['QUEUED', 'RUNNING', 'FALLBACK', 'COMPLETED'])
    expect(await ada.read(saved.id)).toMatchObject({ output: 'Because.', model: 'small' })

    ai.provider.follow([step])
    const lost = await ada.generate()
    expect(await ada.statesOf(lost.id)).toEqual(['QUEUED', 'RUNNING', 'FALLBACK', 'FALLBACK', 'FAILED'])
    expect(await ada.read(lost.id)).toMatchObject({ state: 'FAILED', output: null, model: null, failure: { code } })
    expect(await ai.endsOf(lost.id)).toEqual([
      { requestId: lost.id, userId: ada.userId, outcome: 'FAILED', model: null, totalTokens: null },
    ])
  })

  it('because it says nothing in time the request fails at the last one', async () => {
    await ai.restart({ timeoutMs: 30 })
    ai.provider.follow([{ kind: 'hang' }])
    const ada = await ai.person()
    const { id } = await ada.generate()
    expect(await ada.statesOf(id)).toEqual(['QUEUED', 'RUNNING', 'FALLBACK', 'FALLBACK', 'FAILED'])
    expect(await ada.read(id)).toMatchObject({ state: 'FAILED', failure: { code: 'AI_TIMEOUT' } })
    await ai.restart({ timeoutMs: 20_000 })
  })

  it('a text Postgres can’t keep is an answer that can’t be read', async () => {
    const ada = await ai.person()
    ai.provider.follow([
      { kind: 'answer', text: 'a\0b' },
      { kind: 'answer', text: 'Because.' },
    ])
    const { id } = await ada.generate()
    await ada.progressOf(id)
    expect(await ada.read(id)).toMatchObject({ output: 'Because.', model: 'small' })
  })
})

describe('a worker that stops', () => {
  it('in the middle of a request hands it back, and it is answered after the next start', async () => {
    const ada = await ai.person()
    const held = createGate({ kind: 'hang' })
    ai.provider.follow(held.script)
    const { id } = await ada.generate()
    await held.asked
    await ai.subgraph.stop()
    const { rows } = await ai.database.query('SELECT state, lease_id FROM ai.ai_requests WHERE id = $1', [id])
    expect(rows).toEqual([{ state: 'QUEUED', lease_id: null }])
    held.open()
    ai.provider.follow([{ kind: 'answer', text: 'Later.' }])
    await ai.subgraph.start()
    expect(await ada.statesOf(id)).toEqual(['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    expect((await ada.read(id)).output).toBe('Later.')
  })

  it('without a word loses its request to another one when its lease has run out', async () => {
    const ada = await ai.person()
    await ai.subgraph.stop()
    const id = crypto.randomUUID()
    await ai.database.query(
      `INSERT INTO ai.ai_requests (id, user_id, state, prompt, max_tokens, attempts, lease_id, leased_until, announced_at, created_at)
       VALUES ($1, $2, 'RUNNING', 'Why?', 10, 1, $3, now() - interval '1 second', now(), now())`,
      [id, ada.userId, crypto.randomUUID()],
    )
    await ai.subgraph.start()
    expect(await ada.statesOf(id)).toEqual(['QUEUED', 'RUNNING', 'COMPLETED'])
  })

  it('and was only thought dead can’t answer a second time', async () => {
    const ada = await ai.person()
    const held = createGate({ kind: 'answer', text: 'Too late.' })
    ai.provider.follow(held.script)
    const { id } = await ada.generate()
    await held.asked
    ai.provider.follow([{ kind: 'answer', text: 'In time.' }])
    await ai.database.query(`UPDATE ai.ai_requests SET leased_until = now() - interval '1 second' WHERE id = $1`, [id])
    expect(await ada.statesOf(id)).toEqual(['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    held.open()
    await ai.restart() // waits for the late one
    expect((await ada.read(id)).output).toBe('In time.')
    expect(await ai.endsOf(id)).toHaveLength(1)
  })
})

describe('many requests', () => {
  it('on two replicas are each answered once, a few at a time', async () => {
    let atOnce = 0
    let most = 0
    const before = ai.provider.questions.length
    ai.provider.follow(async ({ prompt }) => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce -= 1
      return { kind: 'answer', text: prompt }
    })
    const other = await openAiService(ai.config(), ai.subgraph.engines)
    try {
      const ada = await ai.person()
      const prompts = Array.from({ length: 30 }, (_, index) => `question ${index}`)
      const requests = await Promise.all(prompts.map((prompt) => ada.generate({ prompt })))
      await Promise.all(requests.map(({ id }) => ada.progressOf(id)))
      const outputs = await Promise.all(requests.map(async ({ id }) => (await ada.read(id)).output))
      expect(outputs).toEqual(prompts)
      expect(ai.provider.questions.length - before).toBe(30)
      expect(most).toBeLessThanOrEqual(2 * defaultWorkers.concurrency)
    } finally {
      await other.close()
    }
  })
})
