import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.js'
import type { AiOutcome } from './ai-request.js'
import { createAnswerRequest, type AiWorkLedger, type AnswerRequestParts } from './answer-request.js'
import type { AskModels } from './ask-models.js'

const answered: AiOutcome = {
  state: 'COMPLETED',
  output: 'Because.',
  model: 'a',
  provider: 'one',
  promptTokens: 1,
  completionTokens: 2,
  latencyMs: 3,
}

/** A ledger of one request that the worker gets, and a diary of what it did with it. */
function bench(more: Partial<AiWorkLedger> = {}, parts: Partial<AnswerRequestParts> = {}) {
  const diary: string[] = []
  const ledger: AiWorkLedger = {
    claim: async () => ({ prompt: 'Why?', requestedModel: null, maxTokens: 10, attempts: 1 }),
    renew: async () => true,
    fallBack: async (_lease, { message }) => diary.push(message) > 0,
    finish: async (_lease, outcome) => diary.push(outcome.state) > 0,
    release: async () => void diary.push('released'),
    ...more,
  }
  const closing = new AbortController()
  const answerRequest = createAnswerRequest({
    ledger,
    askModels: async () => answered,
    newId: () => 'lease',
    leaseMs: 60_000,
    log: { warn: (_about, message) => void diary.push(`log: ${message}`) },
    pause: async (ms) => void diary.push(`waits ${ms}`),
    ...parts,
  })
  return { answer: () => answerRequest('request', closing.signal), diary, closing }
}

/** Asks until it is told to stop. */
const endless: AskModels = (_question, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })

describe('a worker', () => {
  it('answers a request it gets', async () => {
    const { answer, diary } = bench()
    await answer()
    expect(diary).toEqual(['COMPLETED'])
  })

  it('does nothing with a request that somebody else has', async () => {
    const { answer, diary } = bench({ claim: async () => null })
    await answer()
    expect(diary).toEqual([])
  })

  it('waits for a data store that is away rather than lose an answer', async () => {
    let tries = 0
    const { answer, diary } = bench({
      async finish() {
        tries += 1
        if (tries < 4) throw new AppError('INT_DATABASE_ERROR')
        return true
      },
    })
    await answer()
    expect(tries).toBe(4)
    expect(diary).toEqual(['waits 250', 'waits 500', 'waits 1000'])
  })

  it('hands its request back when it is closed in the middle of it', async () => {
    const { answer, diary, closing } = bench(
      {},
      {
        askModels(question, tries) {
          const asking = endless(question, tries)
          closing.abort()
          return asking
        },
      },
    )
    await answer()
    expect(diary).toEqual(['released'])
  })

  it('hands its request back unasked when it was closed before it got it', async () => {
    const { answer, diary, closing } = bench({}, { askModels: endless })
    closing.abort()
    await answer()
    expect(diary).toEqual(['released'])
  })

  it('stops and stores nothing when its lease is gone', async () => {
    const { answer, diary } = bench({ renew: async () => false }, { askModels: endless, leaseMs: 3 })
    await answer()
    expect(diary).toEqual(['log: a lease was lost: the request is left to another worker'])
  })

  it('finds out at the end, at the latest, that somebody else has its request', async () => {
    const { answer, diary } = bench({ finish: async () => false })
    await answer()
    expect(diary).toEqual(['log: a lease was lost: the request is left to another worker'])
  })

  it('asks no further model for a request that is not its own any more', async () => {
    const askModels: AskModels = async (_question, { onFallback }) => {
      const failed = { id: 'a', provider: 'one', contextWindow: 1, outputLimit: 1, modalities: [] }
      await onFallback({ state: 'FALLBACK', percent: 50, message: 'b is tried' }, failed, new AppError('AI_TIMEOUT'))
      return answered
    }
    const { answer, diary } = bench({ fallBack: async () => false }, { askModels })
    await answer()
    expect(diary).not.toContain('COMPLETED')
  })

  it('keeps working while its lease can’t be renewed for the moment', async () => {
    let renewals = 0
    let finish = () => {}
    const { answer, diary } = bench(
      {
        async renew() {
          renewals += 1
          if (renewals === 3) finish()
          throw new AppError('INT_DATABASE_ERROR')
        },
      },
      { leaseMs: 3, askModels: () => new Promise((resolve) => (finish = () => resolve(answered))) },
    )
    await answer()
    expect(diary).toContain('COMPLETED')
  })

  it('gives up a request that has been taken up too often', async () => {
    const claim = async () => ({ prompt: 'Why?', requestedModel: null, maxTokens: 10, attempts: 6 })
    const { answer, diary } = bench({ claim }, { askModels: endless })
    await answer()
    expect(diary).toEqual(['FAILED'])
  })
})
