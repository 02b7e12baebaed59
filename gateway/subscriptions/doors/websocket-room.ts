import type { Duplex } from 'node:stream'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import type { RawData, WebSocket } from 'ws'
import type { LiveMetrics } from '../live/live-metrics.js'
import type { SessionRegistry } from '../sessions/session-registry.js'
import type { Movable } from './send-elsewhere.js'
import { SocketsByAddress } from './sockets-by-address.js'
import { createTokenDesk } from './token-in-use.js'
import { webSocketClosures } from './websocket-closures.js'
import { WebSocketConversation } from './websocket-conversation.js'
import type { SocketClient, WebSocketParts } from './websocket-parts.js'
import { WebSocketWire } from './websocket-wire.js'

/** A client that is in: its socket, and what is said on it. */
export class WebSocketGuest implements Movable {
  readonly wire: WebSocketWire
  readonly conversation: WebSocketConversation
  readonly address: string

  constructor(wire: WebSocketWire, conversation: WebSocketConversation, address: string) {
    this.wire = wire
    this.conversation = conversation
    this.address = address
  }

  sendElsewhere(retryMs: number): void {
    this.conversation.end({ ...webSocketClosures.goElsewhere, reason: JSON.stringify({ retryMs }) })
  }
}

export interface WebSocketRoomOptions extends Omit<WebSocketParts, 'tokens' | 'ticks'> {
  readonly sessions: SessionRegistry
  readonly metrics: LiveMetrics
}

export interface WebSocketRoom {
  readonly size: number
  guests(): Iterable<WebSocketGuest>
  countFrom(address: string | null): number
  welcome(socket: WebSocket, stream: Duplex, client: SocketClient): void
  /** Resolves when all are gone; those that do not go in time are cut off. */
  empty(): Promise<void>
}

/** Those who are in, with one clock and one set of listeners for all of them. */
export function createWebSocketRoom(options: WebSocketRoomOptions): WebSocketRoom {
  const { limits, metrics, logger } = options
  const guests = new Map<WebSocket, WebSocketGuest>()
  const addresses = new SocketsByAddress()
  let tick = 0
  let welcomed = 0
  let onEmpty: (() => void) | null = null
  const parts: WebSocketParts = { ...options, tokens: createTokenDesk(options.sessions), ticks: () => tick }
  const listen = createListeners(guests, (socket, guest) => {
    guests.delete(socket)
    addresses.remove(guest.address)
    guest.conversation.release()
    metrics.socketClosed('websocket')
    if (guests.size === 0) onEmpty?.()
  })
  const onError = (error: Error) => logger.debug({ err: error }, 'a WebSocket broke')
  const clock = setInterval(() => {
    tick += 1
    parts.tokens.tick()
    for (const { wire, conversation } of guests.values()) {
      conversation.beat(tick)
      wire.beat(tick)
    }
  }, limits.tickMs)
  clock.unref()
  return {
    get size() {
      return guests.size
    },
    guests: () => guests.values(),
    countFrom: (address) => addresses.countOf(address ?? ''),
    welcome(socket, stream, client) {
      const wire = new WebSocketWire(socket, stream, parts, (welcomed += 1))
      const guest = new WebSocketGuest(wire, new WebSocketConversation(wire, client, parts), client.address ?? '')
      guests.set(socket, guest)
      addresses.add(guest.address)
      metrics.socketOpened('websocket')
      listen(socket)
      socket.on('error', onError)
      if (socket.protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL) return
      guest.conversation.end(webSocketClosures.otherProtocol)
    },
    async empty() {
      if (guests.size > 0) await within(limits.closeGraceMs, new Promise<void>((resolve) => (onEmpty = resolve)))
      clearInterval(clock)
      for (const { wire } of guests.values()) wire.terminate()
    },
  }
}

/** Listeners that find the guest by the socket they are called on. */
function createListeners(
  guests: ReadonlyMap<WebSocket, WebSocketGuest>,
  leave: (socket: WebSocket, guest: WebSocketGuest) => void,
) {
  const admits = ({ wire, conversation }: WebSocketGuest): boolean => {
    if (wire.admitsFrame()) return true
    conversation.end(webSocketClosures.tooManyMessages)
    return false
  }
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const guest = guests.get(this)
    if (guest === undefined || !admits(guest)) return
    if (isBinary) guest.conversation.end(webSocketClosures.outOfProtocol)
    else guest.conversation.receive(String(data))
  }
  function onPing(this: WebSocket, data: Buffer): void {
    const guest = guests.get(this)
    if (guest !== undefined && admits(guest)) guest.wire.pong(data)
  }
  function onPong(this: WebSocket): void {
    guests.get(this)?.wire.heard()
  }
  function onClose(this: WebSocket): void {
    const guest = guests.get(this)
    if (guest !== undefined) leave(this, guest)
  }
  return (socket: WebSocket): void => {
    socket.on('message', onMessage).on('ping', onPing).on('pong', onPong).on('close', onClose)
  }
}

async function within(limitMs: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([done, new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))])
  clearTimeout(timer)
}
