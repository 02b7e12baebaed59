import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { CloseCode, handleProtocols, type Server } from 'graphql-ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Logger } from '../../platform/log/logger.js'
import type { GatewayPipeline } from '../gateway-pipeline.js'
import { webSocketLimits, type WebSocketLimits } from './websocket-limits.js'
import { createWebSocketOperations, type AuthenticateSocket, type SocketState } from './websocket-operations.js'

/*
 * The door for WebSockets, on the path that also serves HTTP. In: graphql-transport-ws connections, with the access token
 * in `connection_init`. Out: operations to the pipeline, of every kind. It refuses foreign origins, messages that are too
 * big or out of protocol, and clients that read too slowly or no longer answer.
 */

export interface WebSocketDoorOptions {
  readonly server: HttpServer
  readonly path: string
  readonly pipeline: GatewayPipeline
  readonly authenticate: AuthenticateSocket
  /** Origins of pages that may connect, e.g. `https://app.example.com`. No origin at all is a client, not a page. */
  readonly allowedOrigins: readonly string[]
  readonly logger: Logger
  readonly limits?: Partial<WebSocketLimits>
}

export interface WebSocketDoor {
  /** Connections at the moment. */
  readonly size: number
  /** Ends every connection with 1012, so that clients reconnect elsewhere, and lets none in. To be called BEFORE the HTTP server closes. */
  close(): Promise<void>
}

interface Connection {
  readonly socket: WebSocket
  missedPings: number
  /** Resolves when the socket is closed and everything it ran is released. */
  readonly ended: Promise<void>
}

const SERVICE_RESTART = 1012 // RFC 6455 registry

/** Takes over the server's upgrades on `path`; other upgrades are answered 404. */
export function attachWebSocketDoor(options: WebSocketDoorOptions): WebSocketDoor {
  const { server, path, logger } = options
  const limits: WebSocketLimits = { ...webSocketLimits, ...options.limits }
  const operations = createWebSocketOperations({ ...options, limits })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.maxMessageBytes, handleProtocols })
  const connections = new Set<Connection>()
  let closing = false

  const onUpgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    duplex.on('error', () => duplex.destroy())
    if (request.url?.split('?')[0] !== path) return refuse(duplex, '404 Not Found')
    if (!isAllowedOrigin(request, options.allowedOrigins)) return refuse(duplex, '403 Forbidden')
    if (closing || connections.size >= limits.maxSockets) return refuse(duplex, '503 Service Unavailable')
    sockets.handleUpgrade(request, duplex, head, (socket) => {
      const connection = open(socket, request, operations, limits, logger)
      connections.add(connection)
      socket.once('close', () => connections.delete(connection))
    })
  }
  server.on('upgrade', onUpgrade)
  const heartbeat = setInterval(() => connections.forEach((each) => beat(each, limits)), limits.pingIntervalMs)
  heartbeat.unref()

  return {
    get size() {
      return connections.size
    },
    async close() {
      closing = true
      clearInterval(heartbeat)
      await endAll([...connections], limits.closeGraceMs)
      server.off('upgrade', onUpgrade)
      sockets.close()
    },
  }
}

function open(
  socket: WebSocket,
  request: IncomingMessage,
  operations: Server<SocketState>,
  limits: WebSocketLimits,
  logger: Logger,
): Connection {
  const close = (code: number, reason: string) => socket.close(code, reason)
  const fail = (error: unknown) => {
    logger.error({ err: error }, 'unexpected error on a WebSocket')
    close(CloseCode.InternalServerError, 'INT_INTERNAL_ERROR')
  }
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const closed = operations.opened(
    {
      protocol: socket.protocol,
      close,
      send: (text) => send(socket, gone, text, limits, logger),
      onMessage(listener) {
        socket.on('message', (data, isBinary) => {
          connection.missedPings = 0
          if (socket.readyState !== socket.OPEN) return
          if (isBinary) close(CloseCode.BadRequest, 'Invalid message received')
          else listener(String(data)).catch(fail)
        })
      },
    },
    { request, close, caller: null },
  )
  socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket broke'))
  socket.on('pong', () => (connection.missedPings = 0))
  const ended = new Promise<void>((resolve) => {
    socket.once('close', (code, reason) => closed(code, String(reason)).catch(fail).finally(resolve))
  })
  const connection: Connection = { socket, ended, missedPings: 0 }
  return connection
}

/**
 * Resolves when the kernel has taken the message, which holds back the stream it belongs to, or when the socket is gone. Not
 * before: a source that always has more would leave the event loop no turn to find out that nobody is there. Never rejects.
 */
function send(
  socket: WebSocket,
  gone: Promise<void>,
  text: string,
  limits: WebSocketLimits,
  logger: Logger,
): Promise<void> {
  if (socket.readyState !== socket.OPEN) return gone
  if (socket.bufferedAmount > limits.maxBufferedBytes) {
    // a closing frame would stand behind what the client does not read
    logger.warn({ bufferedBytes: socket.bufferedAmount }, 'a client that does not read was cut off')
    socket.terminate()
    return gone
  }
  return new Promise((resolve) => socket.send(text, () => resolve()))
}

function beat(connection: Connection, { maxMissedPings }: WebSocketLimits): void {
  if (connection.missedPings >= maxMissedPings) return connection.socket.terminate()
  connection.missedPings += 1
  if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping()
}

async function endAll(connections: readonly Connection[], graceMs: number): Promise<void> {
  for (const { socket } of connections) socket.close(SERVICE_RESTART, 'Service restart')
  let timer: NodeJS.Timeout | undefined
  const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))
  await Promise.race([Promise.all(connections.map(({ ended }) => ended)), grace])
  clearTimeout(timer)
  for (const { socket } of connections) socket.terminate()
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Against cross-site WebSocket hijacking. A page of this very server is let in on loopback only: elsewhere `Host` proves
 * nothing, as a name can be pointed at any address (DNS rebinding).
 */
function isAllowedOrigin({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined || allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.host === host && LOOPBACK.has(url.hostname)
}

function refuse(duplex: Duplex, status: string): void {
  duplex.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
