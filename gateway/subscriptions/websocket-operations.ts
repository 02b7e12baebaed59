import type { IncomingMessage } from 'node:http'
import { GraphQLError, GraphQLSchema, parse, type ExecutionArgs } from 'graphql'
import { CloseCode, makeServer, type ConnectionInitMessage, type Server, type SubscribePayload } from 'graphql-ws'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.js'
import { errorCodes } from '../../platform/errors/error-codes.js'
import type { Logger } from '../../platform/log/logger.js'
import { requestContextFromHeaders } from '../../platform/log/request-context.js'
import type { Caller } from '../gateway-request.js'
import type { GatewayPipeline } from '../gateway-pipeline.js'
import type { IncrementalSpec } from '../incremental/incremental-result.js'
import { OperationRefusedError, refusalFor, runOperation } from './run-operation.js'
import type { WebSocketLimits } from './websocket-limits.js'

/** What `connection_init` carried; `authorization` stands for either spelling of it. */
export type ConnectionParams = Readonly<Record<string, unknown>> & { readonly authorization?: string | undefined }

/** Who is at the other end. Throws AppError for a token that is not accepted. */
export type AuthenticateSocket = (connectionParams: ConnectionParams, request: IncomingMessage) => Promise<Caller>

export interface SocketState {
  readonly request: IncomingMessage
  /** Closes the connection; only the first call counts. */
  readonly close: (code: number, reason: string) => void
  /** Null until `connection_init` is accepted. */
  caller: Caller | null
}

export interface WebSocketOperationsOptions {
  readonly pipeline: GatewayPipeline
  readonly authenticate: AuthenticateSocket
  readonly logger: Logger
  readonly limits: WebSocketLimits
}

/** graphql-ws looks up the operation before it runs it. Ours is looked up by the pipeline, so it is shown this one. */
const placeholder: ExecutionArgs = { schema: new GraphQLSchema({}), document: parse('{ __typename }') }

/**
 * The graphql-transport-ws protocol, with the pipeline in place of graphql-ws's own parsing, validation and execution:
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function createWebSocketOperations(options: WebSocketOperationsOptions): Server<SocketState> {
  const { pipeline, logger, limits } = options
  const callers = new WeakMap<SubscribePayload, Caller>()
  return makeServer<ConnectionInitMessage['payload'], SocketState>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    onConnect: ({ connectionParams, extra }) => admit(connectionParams, extra, options),
    async onSubscribe(ctx, _id, payload) {
      if (Object.keys(ctx.subscriptions).length > limits.maxOperations) return [tooManyOperations(limits.maxOperations)]
      try {
        callers.set(payload, await callerOf(payload, ctx.extra, options))
        return { ...placeholder }
      } catch (error) {
        return refusalFor(error, logger).errors
      }
    },
    execute: () => ({}),
    onOperation(ctx, _id, payload) {
      const caller = callers.get(payload)
      if (caller === undefined) throw new Error('An operation began that was not admitted.')
      const request = {
        query: payload.query,
        operationName: payload.operationName ?? undefined,
        variables: payload.variables ?? {},
        caller,
        ids: requestContextFromHeaders({}),
        headers: ctx.extra.request.headers,
      }
      return runOperation({ pipeline, request, incrementalSpec: specOf(payload), stallMs: limits.stallMs, logger })
    },
    onError(_ctx, _id, _payload, errors) {
      return errors.flatMap((error) =>
        error.originalError instanceof OperationRefusedError
          ? error.originalError.errors.map((refusal) => refusal.toJSON())
          : [error.toJSON()],
      )
    },
  })
}

const authorization = z.looseObject({ authorization: z.string().optional(), Authorization: z.string().optional() })

async function admit(params: unknown, state: SocketState, options: WebSocketOperationsOptions): Promise<boolean> {
  try {
    const parsed = authorization.safeParse(params ?? {})
    if (!parsed.success) throw new AppError('AUTH_TOKEN_INVALID')
    const { Authorization, ...given } = parsed.data
    state.caller = await options.authenticate(
      { ...given, authorization: given.authorization ?? Authorization },
      state.request,
    )
    return true
  } catch (error) {
    state.close(...closureFor(error, options.logger))
    return false
  }
}

const incrementalExtensions = z.object({ incrementalSpec: z.literal('v0.2') })

/** A socket has no `Accept`: an operation names the newer form of answers in parts in `extensions.incrementalSpec`. */
function specOf({ extensions }: SubscribePayload): IncrementalSpec {
  return incrementalExtensions.safeParse(extensions).data?.incrementalSpec ?? '20220824'
}

const operationHeaders = z.object({ headers: authorization })

/**
 * The connection's caller. On a connection without a token an operation may bring its own in `extensions.headers`, where
 * GraphiQL puts the headers a person writes beside the operation.
 */
async function callerOf(
  { extensions }: SubscribePayload,
  { caller, request }: SocketState,
  { authenticate }: WebSocketOperationsOptions,
): Promise<Caller> {
  if (caller === null) throw new Error('An operation began before its connection was acknowledged.')
  const headers = operationHeaders.safeParse(extensions).data?.headers
  const own = headers?.authorization ?? headers?.Authorization
  return own === undefined || caller.authorization !== null ? caller : authenticate({ authorization: own }, request)
}

const TRY_AGAIN_LATER = 1013 // RFC 6455 registry: clients reconnect, which after 4403 they don't

function closureFor(error: unknown, logger: Logger): [code: number, reason: string] {
  if (!(error instanceof AppError)) {
    logger.error({ err: error }, 'a connection could not be authenticated')
    return [CloseCode.InternalServerError, 'INT_INTERNAL_ERROR']
  }
  return [errorCodes[error.code].retry ? TRY_AGAIN_LATER : CloseCode.Forbidden, error.code]
}

function tooManyOperations(limit: number): GraphQLError {
  return new GraphQLError(`A connection takes ${limit} operations at a time: complete one first.`, {
    extensions: { code: 'RATE_LIMIT_EXCEEDED', timestamp: new Date().toISOString() },
  })
}
