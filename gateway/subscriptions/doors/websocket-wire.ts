import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Logger } from '../../../platform/log/logger.js'
import { MessageRate } from './message-rate.js'
import { textFrame } from './websocket-frame.js'
import { BURST_FACTOR, CUT_OFF_FACTOR, type WebSocketLimits } from './websocket-limits.js'

export interface WireParts {
  readonly limits: WebSocketLimits
  readonly logger: Logger
  /** How often the door's clock has ticked: time that no system clock can move, and that stands still while the process does. */
  readonly ticks: () => number
}

/**
 * One client's socket: what may be written to it, and whether anybody is there. It knows frames and not what is in them. A
 * class without a closure or a timer of its own, since there are ten thousand: the door's clock calls `beat`.
 */
export class WebSocketWire {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #parts: WireParts
  readonly #rate: MessageRate
  /** When, in ticks of silence, it is sent a ping: not all in one turn. */
  readonly #pingAfterTicks: number
  #heardAtTick: number
  /** Since when the client has too much to read and takes nothing of it; null when it has not. */
  #unreadSinceTick: number | null = null
  /** How much it had taken then. */
  #takenBytes = 0
  /** The newest ping that came while it had too much to read. */
  #unansweredPing: Buffer | null = null
  /** Since when the client has to answer the closing handshake. */
  #closingSinceTick: number | null = null
  #readers: (() => void)[] | null = null

  /** `slot` is a number that differs from wire to wire. */
  constructor(socket: WebSocket, stream: Duplex, parts: WireParts, slot: number) {
    const { limits, ticks } = parts
    const pingTicks = Math.ceil(limits.pingIntervalMs / limits.tickMs)
    this.#socket = socket
    this.#stream = stream
    this.#parts = parts
    this.#heardAtTick = ticks()
    this.#pingAfterTicks = pingTicks - (slot % Math.ceil(pingTicks / 2))
    this.#rate = new MessageRate(limits.maxMessagesPerSecond * BURST_FACTOR, ticks() * limits.tickMs)
  }

  /** A sign of life that is no message. */
  heard(): void {
    this.#heardAtTick = this.#parts.ticks()
  }

  /** A frame came that is to be answered. False: it was one too many. */
  admitsFrame(): boolean {
    this.heard()
    const { maxMessagesPerSecond, tickMs } = this.#parts.limits
    const burst = maxMessagesPerSecond * BURST_FACTOR
    return this.#rate.take(maxMessagesPerSecond, burst, this.#heardAtTick * tickMs)
  }

  /** Looks whether anybody is there: sends a ping, or ends a dead socket. */
  beat(tick: number): void {
    const { deadAfterMs, closeGraceMs, tickMs } = this.#parts.limits
    if (this.#hasTakenSome()) {
      this.#unreadSinceTick = tick
      this.#heardAtTick = tick // slow is not gone, and our ping stands behind what it still has to read
    }
    const silentTicks = tick - this.#heardAtTick
    const unreadTicks = tick - (this.#unreadSinceTick ?? tick)
    const closingTicks = tick - (this.#closingSinceTick ?? tick)
    const isDead = Math.max(silentTicks, unreadTicks) * tickMs >= deadAfterMs
    if (isDead || closingTicks * tickMs >= closeGraceMs) return this.#socket.terminate()
    if (silentTicks === this.#pingAfterTicks && this.#isOpen()) this.#socket.ping()
  }

  /**
   * Sends the texts `opening` (ASCII), `shared` and `closing` as one message. False: the client has so much to read already
   * that nothing more is to be sent before `whenRead`, or it is gone.
   */
  sendParts(opening: string, shared: Buffer, closing: string): boolean {
    if (!this.#isOpen()) return false
    // ws writes each of its frames whole and, uncompressed, at once: a whole frame written beside it comes between none
    const frame = textFrame(opening, shared, closing)
    if (frame.length > 1) this.#stream.cork()
    for (const part of frame) this.#stream.write(part)
    if (frame.length > 1) this.#stream.uncork()
    return !this.#hasMuchUnread()
  }

  send(message: object): void {
    if (!this.#isOpen()) return
    this.#socket.send(JSON.stringify(message))
    if (!this.#hasMuchUnread()) return
    const bufferedBytes = this.#stream.writableLength
    if (bufferedBytes <= this.#parts.limits.maxBufferedBytes * CUT_OFF_FACTOR) return
    this.#parts.logger.warn({ bufferedBytes }, 'a client that does not read was cut off')
    this.#socket.terminate() // a closing frame would stand behind what the client does not read
  }

  /** Answers a ping; of those that come while the client has too much to read the newest, once it has (RFC 6455, section 5.5.3). */
  pong(data: Buffer): void {
    if (!this.#isOpen()) return
    if (this.#hasMuchUnread()) this.#unansweredPing = Buffer.from(data)
    else this.#socket.pong(data)
  }

  /** Calls back when the client has read what was sent, at once where that is not much. Never, once it is gone. */
  whenRead(callback: () => void): void {
    if (!this.#isOpen()) return
    if (this.#unreadSinceTick === null) callback()
    else (this.#readers ??= []).push(callback)
  }

  /** Begins the closing handshake, and cuts off a client that does not answer it. */
  close(code: number, reason: string): void {
    this.#readers = null
    this.#closingSinceTick = this.#parts.ticks()
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#readers = null
    this.#socket.terminate()
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  #hasMuchUnread(): boolean {
    if (this.#unreadSinceTick !== null) return true
    // below the stream's own mark it would not tell of having drained
    const bound = Math.max(this.#parts.limits.maxBufferedBytes, this.#stream.writableHighWaterMark)
    if (this.#stream.writableLength <= bound) return false
    this.#unreadSinceTick = this.#parts.ticks()
    this.#takenBytes = this.#taken()
    this.#stream.once('drain', () => this.#wasRead())
    return true
  }

  /** Of what it had too much of, since it was last looked at. */
  #hasTakenSome(): boolean {
    if (this.#unreadSinceTick === null) return false
    const taken = this.#taken()
    const hasTaken = taken > this.#takenBytes
    this.#takenBytes = taken
    return hasTaken
  }

  /** Bytes the kernel has taken off us, but for those of a write that is under way. */
  #taken(): number {
    const written = this.#stream instanceof Socket ? this.#stream.bytesWritten : 0
    return written - this.#stream.writableLength
  }

  #wasRead(): void {
    this.#unreadSinceTick = null
    const ping = this.#unansweredPing
    this.#unansweredPing = null
    if (ping !== null) this.pong(ping)
    const readers = this.#readers ?? []
    this.#readers = null
    for (const reader of readers) reader()
  }
}
