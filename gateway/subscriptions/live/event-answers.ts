import { LRUCache } from 'lru-cache'
import type { ExecutionResult } from 'graphql'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import { requestContextFromHeaders } from '../../../platform/log/request-context.js'
import { gatewayErrorFrom } from '../../gateway-error.js'
import type { LiveField } from '../feeds/live-field.js'
import { encodeAnswer, type LiveAnswer } from './live-answer.js'
import type { LiveCursors } from './live-cursors.js'
import type { LiveMetrics } from './live-metrics.js'
import type { PreparedLive } from './live-pipeline.js'
import type { ReceivedEvent } from './shared-feed.js'

export interface EventAnswersOptions {
  readonly field: LiveField
  /** Empty where the feed is no log: answers carry no cursor then. */
  readonly log: string
  readonly cursors: LiveCursors
  readonly metrics: LiveMetrics
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Somebody of the group who may still see this, asked for every event; null when nobody is left. */
  admitted(): PreparedLive | null | Promise<PreparedLive | null>
}

const REMEMBERED = 128 // answers at hand for those who catch up behind each other

/** The answers of a group, made once an event whoever asks for it and when. */
export class EventAnswers {
  readonly #options: EventAnswersOptions
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
    const { field, log, cursors, metrics, admitted } = this.#options
    const prepared = await admitted()
    if (prepared === null) {
      this.#made.delete(event.sequence)
      return null
    }
    const began = performance.now()
    const result = await this.#execute(event, prepared)
    metrics.executed(performance.now() - began)
    const { sequence, receivedAt, payload } = event
    const { delivery } = field
    return encodeAnswer(result, field.feed.isLog ? cursors.headFor(log, field.feed.key, sequence) : null, {
      sequence,
      receivedAt,
      isLast: field.isLast(payload),
      key: delivery.mode === 'LATEST' ? delivery.keyOf(payload) : '',
    })
  }

  #faultOf({ sequence, receivedAt }: ReceivedEvent, error: unknown): LiveAnswer {
    const { field, log, cursors, logger } = this.#options
    logger.error({ err: error }, 'an event could not be answered')
    const errors = [gatewayErrorFrom(error, requestContextFromHeaders({}))]
    const head = field.feed.isLog ? cursors.headFor(log, field.feed.key, sequence) : null
    return encodeAnswer({ errors, data: null }, head, { sequence, receivedAt, isLast: false, key: '' })
  }

  /** An event that does not fit the schema is answered with the error: left out it would be missed, and ended at it comes again. */
  async #execute(event: ReceivedEvent, prepared: PreparedLive): Promise<ExecutionResult> {
    const { field, signal, logger } = this.#options
    try {
      return await prepared.answer(field.project(event.payload), signal)
    } catch (error) {
      if (!(error instanceof AppError)) logger.error({ err: error }, 'an event could not be answered')
      return { errors: [gatewayErrorFrom(error, requestContextFromHeaders({}))], data: null }
    }
  }
}
