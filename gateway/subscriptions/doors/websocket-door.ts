/**
 * The door for WebSockets, on the path that also serves HTTP. In: graphql-transport-ws connections, with the access token
 * in `connection_init`. Out: subscriptions to the hub, everything else to the pipeline. It refuses foreign origins, more
 * sockets than it has room for, messages that are too big, too many or out of protocol, and clients that are gone.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { WebSocketServer } from 'ws'
import { sendElsewhere } from './send-elsewhere.js'
import { createWebSocketRoom, type WebSocketRoomOptions } from './websocket-room.js'
import { headersOfUpgrade, isAllowedOrigin, refuseUpgrade, type UpgradeRefusal } from './websocket-upgrade.js'

export interface WebSocketDoorOptions extends WebSocketRoomOptions {
  readonly server: HttpServer
  readonly path: string
  /** The client's address as the first trusted proxy saw it. */
  readonly addressOf: (request: IncomingMessage) => string | null
  /** Origins of pages that may connect, e.g. `https://app.example.com`. No origin at all is a client, not a page. */
  readonly allowedOrigins: readonly string[]
}

export interface WebSocketDoor {
  /** Connections at the moment. */
  readonly size: number
  /**
   * Sends every client elsewhere: 1012 with `{"retryMs":n}` as the reason, spread over the time configured, within 28 s at
   * most; what runs goes on until then. Who comes meanwhile is answered 503. To be called BEFORE the HTTP server closes.
   */
  close(): Promise<void>
}

const CLOSED_WITHIN_MS = 28_000 // orchestrators kill after 30 s
const COME_AGAIN_SECONDS = 5

/** Takes over the server's upgrades on `path`; other upgrades are answered 404. */
export function attachWebSocketDoor(options: WebSocketDoorOptions): WebSocketDoor {
  const { server, limits } = options
  const room = createWebSocketRoom(options)
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    autoPong: false, // pings are counted first
    maxPayload: limits.maxMessageBytes,
    handleProtocols,
  })
  let closing = false

  const refusalOf = (request: IncomingMessage, address: string | null): UpgradeRefusal | null => {
    if (request.url?.split('?')[0] !== options.path) return '404 Not Found'
    if (!isAllowedOrigin(request, options.allowedOrigins)) return '403 Forbidden'
    if (closing || room.size >= limits.maxSockets) return '503 Service Unavailable'
    return room.countFrom(address) >= limits.maxSocketsPerAddress ? '429 Too Many Requests' : null
  }
  const onUpgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    duplex.on('error', destroyed)
    const address = options.addressOf(request)
    const refusal = refusalOf(request, address)
    if (refusal !== null) {
      return refuseUpgrade(duplex, refusal, /^(?:429|503)/.test(refusal) ? COME_AGAIN_SECONDS : undefined)
    }
    sockets.handleUpgrade(request, duplex, head, (socket) => {
      room.welcome(socket, duplex, { headers: headersOfUpgrade(request), address })
    })
  }
  server.on('upgrade', onUpgrade)

  return {
    get size() {
      return room.size
    },
    async close() {
      closing = true
      await sendElsewhere(room.guests(), Math.min(limits.drainMs, CLOSED_WITHIN_MS - limits.closeGraceMs))
      await room.empty()
      server.off('upgrade', onUpgrade)
      sockets.close()
    },
  }
}

function destroyed(this: Duplex): void {
  this.destroy()
}
