/**
 * The doors for answers that go on over HTTP: Server-Sent Events and Apollo's multipart, beside the lanes of single answers. In:
 * a POST or GET whose `Accept` names one of them. Out: operations to the hub and the pipeline, and what they say in the form of
 * the protocol. It refuses streams beyond the limits; what else must not run it passes on to the long way, which has the
 * words for it.
 */
import type { Request, RequestHandler, Response } from 'express'
import { errorCodes, type ErrorCode } from '../../../platform/errors/error-codes.js'
import type { Logger } from '../../../platform/log/logger.js'
import { gatewayError, OperationRefused } from '../../gateway-error.js'
import type { GatewayPipeline } from '../../gateway-pipeline.js'
import type { GatewayRequest } from '../../gateway-request.js'
import { createOperationContext, type OperationContext } from '../../http/operation-context.js'
import type { IdentifyCaller } from '../../identity/identify-caller.js'
import { lastWords } from '../live/last-words.js'
import type { OpenLive } from '../live/live-operation.js'
import { answerByEvents } from './answer-by-events.js'
import { HttpStream } from './http-stream.js'
import { multipartFraming } from './multipart-framing.js'
import { createOpenStreams, type Fullness, type OpenStreamsOptions } from './open-streams.js'
import { sseFraming } from './sse-framing.js'
import type { StreamRequest } from './stream-request.js'
import { wantedStream, type WantedStream, type WantedStreamOptions } from './wanted-stream.js'

export interface StreamDoorOptions extends OpenStreamsOptions, WantedStreamOptions {
  readonly openLive: OpenLive
  readonly pipeline: Pick<GatewayPipeline, 'executeIncrementally'>
  readonly identify: IdentifyCaller
  readonly logger: Logger
}

export interface StreamDoor {
  /** To be mounted before the lanes of single answers, behind whatever parses bodies. */
  readonly handler: RequestHandler
  /** Streams at the moment. */
  readonly size: number
  /** Sends every client elsewhere and lets none in, then cuts off what is left. BEFORE the HTTP server closes. */
  close(): Promise<void>
}

const framings = { sse: sseFraming, multipart: multipartFraming }

export function createStreamDoor(options: StreamDoorOptions): StreamDoor {
  const streams = createOpenStreams(options)
  const { maxBufferedBytes } = options.limits
  const enter = async (req: Request, res: Response, asked: WantedStream): Promise<boolean> => {
    const context = await admitted(req, res, options.identify)
    if (context === null) return false
    if (res.destroyed || req.socket.destroyed) return true // it has left meanwhile, and nothing would tell so again
    if (res.socket === null) {
      req.socket.destroy() // pipelined behind an answer that goes on: it would wait unseen, and nothing would tell of its end
      return true
    }
    const { caller, ids } = context
    const fullness = streams.fullness(caller.address)
    if (fullness !== null) {
      refuse(res, ...refusals[fullness], context)
      return true
    }
    const stream = new HttpStream({ response: res, framing: framings[asked.kind], caller, ids, maxBufferedBytes })
    if (!streams.add(stream)) {
      refuse(res, 'SUBSCRIPTION_SESSION_ENDED', undefined, context)
      return true
    }
    stream.open()
    await run(asked, requestOf(req, asked.request, context), stream, options)
    return true
  }
  return {
    handler(req, res, next) {
      const asked = wantedStream(req, options)
      if (asked === null) return next()
      enter(req, res, asked).then(
        (entered) => {
          if (!entered) next()
        },
        (error: unknown) => {
          options.logger.error({ err: error }, 'a stream broke')
          res.destroy()
        },
      )
    },
    get size() {
      return streams.size
    },
    async close() {
      await streams.drain()
      streams.close()
    },
  }
}

/** Null for a request that must not be executed, or whose token is not good. */
async function admitted(req: Request, res: Response, identify: IdentifyCaller): Promise<OperationContext | null> {
  return createOperationContext(req, res, identify).catch(() => null)
}

function requestOf(
  req: Request,
  { query, operationName, variables }: StreamRequest,
  context: OperationContext,
): GatewayRequest {
  const { caller, ids, headers, signal } = context
  return { query, operationName, variables, caller, ids, headers, signal, isAddress: req.method === 'GET' }
}

async function run(
  { request: asked, what }: WantedStream,
  request: GatewayRequest,
  stream: HttpStream,
  { openLive, pipeline, logger }: StreamDoorOptions,
): Promise<void> {
  if (what instanceof OperationRefused) return stream.error(lastWords(what, request.ids, logger))
  if (what === 'subscription') return stream.attach(openLive({ ...request, cursor: asked.cursor }, stream))
  await answerByEvents({ pipeline, request, incrementalSpec: asked.incrementalSpec, stream, logger })
}

const RETRY_SECONDS = 5

const refusals: Readonly<Record<Fullness, readonly [code: ErrorCode, retryAfterSeconds: number]>> = {
  stopping: ['SUBSCRIPTION_UNAVAILABLE', RETRY_SECONDS],
  full: ['SUBSCRIPTION_UNAVAILABLE', RETRY_SECONDS],
  'address-full': ['RATE_LIMIT_EXCEEDED', RETRY_SECONDS],
}

function refuse(
  res: Response,
  code: ErrorCode,
  retryAfterSeconds: number | undefined,
  { ids }: OperationContext,
): void {
  const error = gatewayError(code, ids, { retryAfterSeconds })
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', retryAfterSeconds)
  res.setHeader('cache-control', 'no-store')
  res.status(errorCodes[code].status).json({ errors: [error] })
}
