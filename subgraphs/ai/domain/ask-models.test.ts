import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.js'
import type { AiModel } from './ai-model.js'
import type { AiProvider, ModelQuestion, ModelReply } from './ai-provider.js'
import type { AiProgress } from './ai-request.js'
import { createAskModels } from './ask-models.js'

function model(id: string, provider: string, outputLimit = 1_000): AiModel {
  return { id, provider, contextWindow: 10_000, outputLimit, modalities: ['TEXT'] }
}

/** Providers `one` (models a, b) and `two` (models c, b), whose models answer as told, and a record of who was asked what. */
function orchestra(replies: Record<string, ModelReply | Error>) {
  const asked: string[] = []
  const questions: ModelQuestion[] = []
  const providerOf = (name: string): AiProvider => ({
    async complete(question) {
      asked.push(`${name}/${question.model}`)
      questions.push(question)
      const reply = replies[`${name}/${question.model}`] ?? new AppError('AI_REQUEST_FAILED')
      if (reply instanceof Error) throw reply
      return reply
    },
  })
  const ask = createAskModels({
    models: [model('a', 'one'), model('b', 'one', 50), model('c', 'two'), model('b', 'two')],
    providers: new Map(['one', 'two'].map((name) => [name, providerOf(name)])),
    now: () => new Date('2026-02-01T12:00:00Z'),
  })
  const told: AiProgress[] = []
  const question = (requestedModel: string | null) =>
    ask(
      { prompt: 'Why?', requestedModel, maxTokens: 100 },
      { signal: new AbortController().signal, onFallback: async (progress) => void told.push(progress) },
    )
  return { question, asked, questions, told }
}

const reply: ModelReply = { text: 'Because.', promptTokens: 1, completionTokens: 2 }

describe('asking models', () => {
  it('asks the first one configured and no other when it answers', async () => {
    const { question, asked, told } = orchestra({ 'one/a': reply })
    expect(await question(null)).toEqual({
      state: 'COMPLETED',
      output: 'Because.',
      model: 'a',
      provider: 'one',
      promptTokens: 1,
      completionTokens: 2,
      latencyMs: 0,
    })
    expect(asked).toEqual(['one/a'])
    expect(told).toEqual([])
  })

  it('falls back in the order of the configuration, telling each time', async () => {
    const { question, asked, told } = orchestra({ 'two/c': reply })
    expect(await question(null)).toMatchObject({ state: 'COMPLETED', model: 'c', provider: 'two' })
    expect(asked).toEqual(['one/a', 'one/b', 'two/c'])
    expect(told).toEqual([
      { state: 'FALLBACK', percent: 30, message: 'a could not answer; b is tried.' },
      { state: 'FALLBACK', percent: 50, message: 'b could not answer; c is tried.' },
    ])
  })

  it('asks the model that is wanted first, wherever it is to be had, then the others', async () => {
    const { question, asked } = orchestra({})
    await question('b')
    expect(asked).toEqual(['one/b', 'two/b', 'one/a', 'two/c'])
  })

  it('asks no model for more than it can say', async () => {
    const { question, questions } = orchestra({ 'two/c': reply })
    await question(null)
    expect(questions.map(({ maxTokens }) => maxTokens)).toEqual([100, 50, 100])
  })

  it.each(['AI_REQUEST_FAILED', 'AI_TIMEOUT', 'AI_INVALID_RESPONSE', 'AI_MODEL_NOT_FOUND'] as const)(
    'fails with the code of the last try when nobody answers: %s',
    async (code) => {
      const { question } = orchestra({ 'two/b': new AppError(code) })
      expect(await question(null)).toEqual({
        state: 'FAILED',
        failure: { code, message: new AppError(code).message },
      })
    },
  )

  it('keeps what a broken provider says to itself', async () => {
    const { question } = orchestra({ 'two/b': new TypeError('http://10.0.0.7 said sk-123') })
    expect(await question(null)).toMatchObject({ failure: { code: 'AI_REQUEST_FAILED' } })
    expect(JSON.stringify(await question(null))).not.toContain('sk-123')
  })

  it('fails with what there is to do when nothing is configured', async () => {
    const ask = createAskModels({ models: [], providers: new Map(), now: () => new Date() })
    const signal = new AbortController().signal
    const outcome = await ask(
      { prompt: 'Why?', requestedModel: 'a', maxTokens: 1 },
      { signal, onFallback: async () => {} },
    )
    expect(outcome).toEqual({
      state: 'FAILED',
      failure: { code: 'AI_MODEL_NOT_FOUND', message: expect.stringContaining('AI_PROVIDERS') },
    })
  })

  it('stops at once when it is told to', async () => {
    const stop = new AbortController()
    const provider: AiProvider = {
      complete() {
        stop.abort(new Error('closing'))
        return Promise.reject(new AppError('AI_REQUEST_FAILED'))
      },
    }
    const ask = createAskModels({
      models: [model('a', 'one'), model('b', 'one')],
      providers: new Map([['one', provider]]),
      now: () => new Date(),
    })
    const tries = { signal: stop.signal, onFallback: () => Promise.reject(new Error('not reached')) }
    await expect(ask({ prompt: 'Why?', requestedModel: null, maxTokens: 1 }, tries)).rejects.toThrow('closing')
  })
})
