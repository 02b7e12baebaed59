import { CloseCode, createClient } from 'graphql-ws/client'
import { WebSocket } from 'ws'
import { AppError } from '../../../../platform/errors/app-error.js'
import { refusalByStatus } from '../../../subgraph-client/subgraph-refusals.js'
import { refusedWith } from './refused-upstream.js'
import { headersIn } from './upstream-headers.js'
import type { ConnectUpstream, UpstreamEnd, UpstreamRequest } from './upstream.js'

const PING_MS = 10_000 // a quiet stream and a dead connection look alike
const PONG_MS = 5_000

/** Close codes by which a server tells that the same request would fail again. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  CloseCode.BadRequest,
  CloseCode.BadResponse,
  CloseCode.InternalClientError,
  CloseCode.SubprotocolNotAcceptable,
  CloseCode.SubscriberAlreadyExists,
  CloseCode.TooManyInitialisationRequests,
])

/**
 * A subscription over graphql-transport-ws, on a socket of its own so that one that is paused holds up no other. The headers
 * go along with the upgrade, and in the payload of `connection_init`.
 */
export const connectWebSocketUpstream: ConnectUpstream = (request, sink) => {
  let ended = false
  let paused = false
  let pongTimer: NodeJS.Timeout | undefined
  const link: Link = { socket: null, bytes: 0 }

  const end = (how: UpstreamEnd) => {
    if (ended) return
    ended = true
    clearTimeout(pongTimer)
    unsubscribe() // the client would connect again by itself after a normal close
    sink.ended(how)
  }
  // a paused socket is not read: its pong may be there
  const expectPong = () => void (pongTimer = setTimeout(() => (paused ? expectPong() : client.terminate()), PONG_MS))
  const client = createClient({
    url: request.url.href,
    webSocketImpl: socketFor(request, link),
    connectionParams: Object.fromEntries(headersIn(request.headers)),
    connectionAckWaitTimeout: request.timeoutMs,
    retryAttempts: 0,
    keepAlive: PING_MS,
    on: {
      // the subscription itself is sent right after this
      connected: () => void setImmediate(() => ended || sink.started()),
      closed: (event) => end(endByClose(event)),
      error: (event) => end(endByError(event)),
      ping: (received) => void (received || expectPong()),
      pong: (received) => void (received && clearTimeout(pongTimer)),
    },
  })
  const unsubscribe = client.subscribe(
    { query: request.operation, variables: { ...request.variables } },
    {
      next: (result) => void (ended || sink.next(result, link.bytes)),
      error: (fault) => end(Array.isArray(fault) ? refusedWith(fault) : { kind: 'lost', cause: fault }),
      complete: () => end({ kind: 'complete' }),
    },
  )
  return {
    pause() {
      paused = true
      link.socket?.pause()
    },
    resume() {
      paused = false
      link.socket?.resume()
    },
    stop() {
      ended = true
      clearTimeout(pongTimer)
      unsubscribe()
      if (link.socket?.readyState === WebSocket.CONNECTING) link.socket.terminate()
      link.socket?.resume() // to hear the other side's close
    },
  }
}

interface Link {
  socket: WebSocket | null
  /** Of the message at hand. */
  bytes: number
}

type SocketKind = new (address: string, protocols?: string) => WebSocket

/** A kind of socket for one connection: the client makes it, and knows nothing of headers and sizes. */
function socketFor({ headers, timeoutMs, maxResultBytes }: UpstreamRequest, link: Link): SocketKind {
  return class UpstreamSocket extends WebSocket {
    constructor(address: string, protocols?: string) {
      super(address, protocols, {
        headers: Object.fromEntries(headersIn(headers)),
        handshakeTimeout: timeoutMs,
        maxPayload: maxResultBytes,
        perMessageDeflate: false,
      })
      link.socket = this
      this.on('error', () => undefined) // the client stops listening before the socket is closed
      this.on('message', (data: Buffer) => (link.bytes = data.length))
    }
  }
}

function endByError(event: unknown): UpstreamEnd {
  const cause: unknown = Reflect.get(Object(event), 'error') ?? event
  const isTooLarge = Reflect.get(Object(cause), 'code') === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  if (isTooLarge) return { kind: 'refused', refusal: new AppError('SUBGRAPH_BAD_RESPONSE', { cause }) }
  return { kind: 'lost', cause }
}

function endByClose(event: unknown): UpstreamEnd {
  const code: unknown = Reflect.get(Object(event), 'code')
  const cause = new Error(`the connection was closed with ${String(code)}`)
  if (typeof code !== 'number') return { kind: 'lost', cause }
  const refusal = refusalByStatus(code - 4_000) // 4401 and 4403 are made after HTTP
  if (refusal !== null) return { kind: 'refused', refusal }
  if (!FINAL_CODES.has(code)) return { kind: 'lost', cause }
  return { kind: 'refused', refusal: new AppError('SUBGRAPH_BAD_RESPONSE', { cause }) }
}
