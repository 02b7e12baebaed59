import type { ConnectionOptions } from 'node:tls'
import { HttpConnection, type Carried, type ConnectionOwner } from './http-connection.js'

/** Something that wants a connection, and may have stopped wanting it by the time there is one. */
export interface Waiting extends Carried {
  readonly text: string
  readonly settled: boolean
  onConnection(connection: HttpConnection): void
}

const CONNECTIONS = 256 // an origin; above that a queue is better for the subgraph than more sockets
const SWEEP_MS = 1_000

/**
 * The connections to one origin. What is freed last is used first, so that the others grow old and are closed before the
 * server does it; what finds no connection free, and as many as may be, waits its turn.
 */
export class ConnectionPool implements ConnectionOwner {
  readonly #url: URL
  readonly #secure: ConnectionOptions
  readonly #all = new Set<HttpConnection>()
  readonly #free: HttpConnection[] = []
  #waiting: Waiting[] = []
  #sweep: NodeJS.Timeout | null = null
  #closing = false
  /** Why nothing more is sent; null as long as something is. */
  #destroyed: Error | null = null

  /** `secure`: how to trust a server, for https; by the roots Node knows unless it says otherwise. */
  constructor(url: URL, secure: ConnectionOptions = {}) {
    this.#url = url
    this.#secure = secure
  }

  /** Open ones, and those being opened. */
  get connections(): number {
    return this.#all.size
  }

  /** On a connection at once, or as soon as there is one. `mustBeNew` for what a used one has failed. */
  assign(waiting: Waiting, mustBeNew = false): void {
    if (this.#destroyed !== null) return waiting.onFault(this.#destroyed, false)
    const known = mustBeNew ? undefined : this.#takeFree()
    if (known !== undefined) {
      waiting.onConnection(known)
      known.carry(waiting.text, waiting)
      return
    }
    if (this.#all.size >= CONNECTIONS) this.#free.shift()?.destroy()
    if (this.#all.size >= CONNECTIONS) {
      this.#waiting.push(waiting)
      return
    }
    const opened = new HttpConnection({ url: this.#url, secure: this.#secure }, this, waiting.text, waiting)
    this.#all.add(opened)
    waiting.onConnection(opened)
  }

  onFree(connection: HttpConnection): void {
    const next = this.#nextWaiting()
    if (next !== undefined) {
      next.onConnection(connection)
      connection.carry(next.text, next)
    } else if (this.#closing) connection.destroy()
    else {
      this.#free.push(connection)
      this.#sweep ??= setTimeout(() => this.#closeStale(), SWEEP_MS).unref()
    }
  }

  onClosed(connection: HttpConnection): void {
    if (!this.#all.delete(connection)) return
    const place = this.#free.indexOf(connection)
    if (place >= 0) this.#free.splice(place, 1)
    const next = this.#nextWaiting()
    if (next !== undefined) this.assign(next)
  }

  /** What is under way comes to its end. */
  close(): void {
    this.#closing = true
    for (const connection of [...this.#free]) connection.destroy()
  }

  /** What is under way fails, and whatever comes later. */
  destroy(): void {
    this.#closing = true
    if (this.#sweep !== null) clearTimeout(this.#sweep)
    const waiting = this.#waiting
    this.#waiting = []
    const reason = new Error('the gateway is closing')
    this.#destroyed = reason
    for (const one of waiting) if (!one.settled) one.onFault(reason, false)
    for (const connection of [...this.#all]) connection.destroy(reason)
  }

  #takeFree(): HttpConnection | undefined {
    const now = performance.now()
    for (;;) {
      const last = this.#free.pop()
      if (last === undefined || last.freshUntil > now) return last
      last.destroy()
    }
  }

  #nextWaiting(): Waiting | undefined {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined || !next.settled) return next
    }
  }

  #closeStale(): void {
    this.#sweep = null
    const now = performance.now()
    for (const connection of [...this.#free]) if (connection.freshUntil <= now) connection.destroy()
    if (this.#free.length > 0) this.#sweep = setTimeout(() => this.#closeStale(), SWEEP_MS).unref()
  }
}
