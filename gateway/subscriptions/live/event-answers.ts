import { LRUCache } from 'lru-cache'
import type { ExecutionResult } from 'graphql'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import { requestContextFromHeaders } from '../../../platform/log/request-context.js'
import { gatewayErrorFrom } from '../../gateway-error.js'
import type { LiveField } from '../feeds/live-field.js'
import { AnswerRefusals } from './answer-refusals.js'
import { encodeAnswer, type LiveAnswer } from './live-answer.js'
import type { LiveCursors } from './live-cursors.js'
import type { LiveMetrics } from './live-metrics.js'
import type { PreparedLive } from './live-pipeline.js'
import type { ReceivedEvent } from './shared-feed.js'
import type { Speakers } from './speakers.js'

export interface EventAnswersOptions {
  readonly field: LiveField
  /** Empty where the feed is no log: answers carry no cursor then. */
  readonly log: string
  readonly cursors: LiveCursors
  readonly metrics: LiveMetrics
  readonly logger: Logger
  readonly signal: AbortSignal
  /** In whose names. */
  readonly speakers: Pick<Speakers, 'admitted' | 'setApart'>
}

/** Tokens an event is tried with: a person signs out elsewhere in several places at once, and each try is an execution. */
export const MAXIMUM_TRIES = 8
const REMEMBERED = 128 // answers at hand for those who catch up behind each other

/** The answers of a group, made once an event whoever asks for it and when. */
export class EventAnswers {
  readonly #options: EventAnswersOptions
  readonly #refusals = new AnswerRefusals()
  readonly #made = new LRUCache<number, Promise<LiveAnswer | null>>({ max: REMEMBERED })

  constructor(options: EventAnswersOptions) {
    this.#options = options
  }

  /** Never rejects: what goes wrong is in the answer. Null when nobody is left to answer to. */
  answerTo(event: ReceivedEvent): Promise<LiveAnswer | null> {
    const known = this.#made.get(event.sequence)
    if (known !== undefined) return known
    const made = this.#make(event).catch((error: unknown) => this.#faultOf(event, error))
    this.#made.set(event.sequence, made)
    return made
  }

  async #make(event: ReceivedEvent): Promise<LiveAnswer | null> {
    const { field, log, cursors } = this.#options
    const result = await this.#resultFor(event)
    if (result === null) {
      this.#made.delete(event.sequence)
      return null
    }
    const { sequence, receivedAt, isAfterLoss, payload } = event
    const { delivery } = field
    return encodeAnswer(result, field.feed.isLog ? cursors.headFor(log, field.feed.key, sequence) : null, {
      sequence,
      receivedAt,
      isAfterLoss,
      isLast: field.isLast(payload),
      key: delivery.mode === 'LATEST' ? delivery.keyOf(payload) : '',
    })
  }

  /**
   * One result for everybody. Where subgraphs refuse the token it was asked with, it is asked with others': who alone is refused is
   * set apart. What all of them are refused is the answer.
   */
  async #resultFor(event: ReceivedEvent): Promise<ExecutionResult | null> {
    const { speakers } = this.#options
    const refused = new Set<string | null>()
    let first: { readonly result: ExecutionResult; readonly refusal: string } | null = null
    while (refused.size < MAXIMUM_TRIES) {
      const spoken = await speakers.admitted(refused)
      if (spoken === null) break
      const result = await this.#execute(event, spoken.prepared)
      const refusal = this.#refusals.of(result)
      if (refusal === null) {
        speakers.setApart(refused)
        return result
      }
      refused.add(spoken.authorization)
      first ??= { result, refusal }
    }
    if (first === null) return null
    if (refused.size > 1) this.#refusals.agree(first.refusal)
    return first.result
  }

  #faultOf({ sequence, receivedAt, isAfterLoss }: ReceivedEvent, error: unknown): LiveAnswer {
    const { field, log, cursors, logger } = this.#options
    logger.error({ err: error }, 'an event could not be answered')
    const errors = [gatewayErrorFrom(error, requestContextFromHeaders({}))]
    const head = field.feed.isLog ? cursors.headFor(log, field.feed.key, sequence) : null
    return encodeAnswer({ errors, data: null }, head, { sequence, receivedAt, isAfterLoss, isLast: false, key: '' })
  }

  /** An event that does not fit the schema is answered with the error: left out it would be missed, and ended at it comes again. */
  async #execute(event: ReceivedEvent, prepared: PreparedLive): Promise<ExecutionResult> {
    const { field, signal, metrics, logger } = this.#options
    const began = performance.now()
    try {
      return await prepared.answer(field.project(event.payload), signal)
    } catch (error) {
      if (!(error instanceof AppError)) logger.error({ err: error }, 'an event could not be answered')
      return { errors: [gatewayErrorFrom(error, requestContextFromHeaders({}))], data: null }
    } finally {
      metrics.executed(performance.now() - began)
    }
  }
}
