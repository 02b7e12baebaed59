import type { GraphqlRequestError } from '../graphql-request-error.js'
import { beginAttempt, type AttemptEnd, type LiveStreamRequest } from './attempt.js'
import type { GatewayConnection } from './gateway-connection.js'
import { readLiveResult, type LiveResult } from './live-result.js'
import { createResultBuffer, type ResultBuffer } from './result-buffer.js'
import { StreamLostError } from './stream-lost-error.js'

export interface LiveStreamOptions {
  /** Begins right after the answer this cursor came with. */
  readonly cursor: string | null
  readonly bufferSize: number
  readonly whenLost: 'throw' | 'begin anew'
  readonly signal: AbortSignal | undefined
}

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000
const MOST_REFUSALS = 10 // in a row, without an event between them: half a minute

/** One subscription over as many connections as it takes. Nothing is sent before the first `next`. */
export function openLiveStream<Data>(
  connection: GatewayConnection,
  request: LiveStreamRequest,
  options: LiveStreamOptions,
): AsyncIterableIterator<LiveResult<Data>> {
  const buffer = createResultBuffer<LiveResult<Data>>(options.bufferSize)
  const course = createCourse<Data>(connection, request, options, buffer)
  let isBegun = false
  const onAbort = () => {
    course.leave()
    buffer.cut(options.signal?.reason ?? new Error('The stream was aborted.'))
  }
  const begin = () => {
    isBegun = true
    if (options.signal?.aborted) return onAbort()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const forget = connection.beginnings.expect(request.beginning, course.beginAt)
    void course.run().finally(() => {
      forget()
      options.signal?.removeEventListener('abort', onAbort)
    })
  }
  const leave = () => {
    isBegun = true
    course.leave()
    buffer.cut()
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next() {
      if (!isBegun) begin()
      return buffer.next()
    },
    async return() {
      leave()
      return { done: true, value: undefined }
    },
    async throw(error) {
      leave()
      throw error
    },
  }
}

/** What carries a stream from one attempt to the next: its cursor, and what happened since the last event. */
function createCourse<Data>(
  connection: GatewayConnection,
  request: LiveStreamRequest,
  options: LiveStreamOptions,
  buffer: ResultBuffer<LiveResult<Data>>,
) {
  let { cursor } = options
  let hasBegun = false
  let isAnew = false
  let refusals = 0
  let hasLeft = false
  let leaveAttempt: (() => void) | null = null

  const take = (answer: unknown): 'more' | 'full' => {
    const result = readLiveResult<Data>(answer)
    if (result.cursor !== null && result.cursor === cursor) return 'more' // had already, just before a cut
    refusals = 0
    hasBegun = true
    cursor = result.cursor
    buffer.push(isAnew ? { ...result, gap: { missed: null } } : result)
    isAnew = false
    return buffer.isFull ? 'full' : 'more'
  }

  /** Whether to go on, and if so not before it is time. Throws what the reader is to be told. */
  const goesOn = async (end: AttemptEnd, tokenVersion: number): Promise<boolean> => {
    if (end.kind === 'complete' || end.kind === 'left') return false
    if (end.kind === 'full') {
      if (cursor === null) throw lagging()
      await buffer.room()
      return true
    }
    if (end.kind === 'refused') throw end.error
    if (end.kind !== 'cut' && !hasBegun && cursor === null) throw end.error // refused from the first
    if (end.kind === 'renew' && tokenVersion === connection.tokens.version && !(await connection.tokens.renew()))
      throw end.error
    if (end.kind === 'resume') await backOff(end.error, (refusals += 1))
    if (end.kind === 'expired' || (hasBegun && cursor === null)) {
      if (options.whenLost === 'throw') throw end.kind === 'cut' ? interrupted() : end.error
      cursor = null
      isAnew = true
    }
    return true
  }

  const run = async (): Promise<void> => {
    for (;;) {
      await connection.ready()
      if (hasLeft) return
      const { version } = connection.tokens
      const attempt = beginAttempt(connection.client, request, () => cursor, take)
      leaveAttempt = attempt.leave
      if (!(await goesOn(await attempt.ended, version))) return
    }
  }
  return {
    /** Ends when the stream does, with the buffer told how. Never rejects. */
    run: () => run().then(buffer.end, buffer.fail),
    beginAt: (told: string) => void (hasBegun || (cursor ??= told)),
    leave() {
      hasLeft = true
      leaveAttempt?.()
    },
  }
}

/** A little longer each time, by chance, so that many don't come back at once. */
async function backOff(error: GraphqlRequestError, refusals: number): Promise<void> {
  if (refusals > MOST_REFUSALS) throw error
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (refusals - 1), LONGEST_WAIT_MS)
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)))
}

function lagging(): StreamLostError {
  return new StreamLostError('SUBSCRIPTION_LAGGING', 'The stream is read too slowly, and its answers carry no cursors.')
}

function interrupted(): StreamLostError {
  const message = 'The connection was cut, and the answers of this stream carry no cursors to go on from.'
  return new StreamLostError('STREAM_INTERRUPTED', message)
}
