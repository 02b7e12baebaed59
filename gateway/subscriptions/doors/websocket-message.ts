import { MessageType, validateMessage, type Message, type SubscribePayload } from 'graphql-ws'
import { z } from 'zod'
import { AppError } from '../../../platform/errors/app-error.js'
import type { IncrementalSpec } from '../../incremental/incremental-result.js'
import { MAX_ID_LENGTH } from './websocket-limits.js'

/** What a client may say: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export type ClientMessage = Extract<
  Message,
  {
    readonly type:
      MessageType.ConnectionInit | MessageType.Ping | MessageType.Pong | MessageType.Subscribe | MessageType.Complete
  }
>

/** The message of a text, undefined for anything the protocol does not have a client say. */
export function readMessage(text: string): ClientMessage | undefined {
  try {
    const message = validateMessage(withText(JSON.parse(text)))
    switch (message.type) {
      case MessageType.ConnectionInit:
      case MessageType.Ping:
      case MessageType.Pong:
        return message
      case MessageType.Subscribe:
      case MessageType.Complete:
        return message.id.length <= MAX_ID_LENGTH ? message : undefined
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}

const named = z.looseObject({
  type: z.literal(MessageType.Subscribe),
  payload: z.looseObject({
    query: z.undefined().optional(),
    extensions: z.looseObject({ persistedQuery: z.looseObject({}) }),
  }),
})

/** An operation may be named by a hash alone, which the protocol does not know: then its text is empty. */
function withText(message: unknown): unknown {
  const { data } = named.safeParse(message)
  return data === undefined ? message : { ...data, payload: { ...data.payload, query: '' } }
}

const bearing = z.object({ authorization: z.string().optional(), Authorization: z.string().optional() })

/** The token of a `connection_init`, a `ping` or of headers, in either spelling. Throws AUTH_TOKEN_INVALID for one that is no text. */
export function authorizationIn(payload: unknown): string | undefined {
  const parsed = bearing.safeParse(payload ?? {})
  if (!parsed.success) throw new AppError('AUTH_TOKEN_INVALID')
  return parsed.data.authorization ?? parsed.data.Authorization
}

/** What an operation says beside itself. */
export interface OperationExtensions {
  /** Of the last answer the client had: the stream goes on after it. */
  readonly cursor: string | null
  /** What the client calls the place where the stream begins, and wants to be told in a `ping`. */
  readonly beginning: string | null
  /** A token of its own, where the connection has none: GraphiQL puts the headers a person writes here. */
  readonly authorization: string | undefined
  /** A socket has no `Accept`: the newer form of answers in parts is asked for here. */
  readonly incrementalSpec: IncrementalSpec
}

const MAX_CURSOR_LENGTH = 1_024 // ours have about 150 characters

const cursor = z.object({ cursor: z.string().max(MAX_CURSOR_LENGTH).nullish() })
const beginning = z.object({ beginning: z.string().max(MAX_ID_LENGTH) })
const incremental = z.object({ incrementalSpec: z.literal('v0.2') })
const headers = z.object({ headers: bearing })

/** Throws AppError CURSOR_INVALID: to pass over a cursor would lose what it asks for. */
export function readExtensions({ extensions }: SubscribePayload): OperationExtensions {
  const resumed = cursor.safeParse(extensions ?? {})
  if (!resumed.success) throw new AppError('CURSOR_INVALID')
  const own = headers.safeParse(extensions).data?.headers
  return {
    cursor: resumed.data.cursor ?? null,
    beginning: beginning.safeParse(extensions).data?.beginning ?? null,
    authorization: own?.authorization ?? own?.Authorization,
    incrementalSpec: incremental.safeParse(extensions).data?.incrementalSpec ?? '20220824',
  }
}
