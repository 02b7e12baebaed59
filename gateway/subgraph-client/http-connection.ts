import { connect as connectPlain, isIP, type Socket, type TcpSocketConnectOpts } from 'node:net'
import { connect as connectSecure, type ConnectionOptions } from 'node:tls'
import { ResponseReader, type WireResponse } from './response-reader.js'

/** What a connection carries: one request at a time. One of the two is called, once. */
export interface Carried {
  readonly maxResponseBytes: number
  onResponse(response: WireResponse): void
  /** `unanswered`: the connection had served others before, and was closed, not by us, without a byte for this one. */
  onFault(fault: Error, unanswered: boolean): void
}

export interface Server {
  readonly url: URL
  readonly secure: ConnectionOptions
}

export interface ConnectionOwner {
  /** It can carry the next. Called before what it carried is told. */
  onFree(connection: HttpConnection): void
  onClosed(connection: HttpConnection): void
}

const READ_BYTES = 32 * 1_024 // at a time, into the same place: most answers come in one piece
const PROBE_AFTER_MS = 30_000 // of silence: a peer that is gone without a word is found out

/** A kept-alive connection to a server, in HTTP/1.1 without pipelining. It reads all the time, so that it knows when it is closed. */
export class HttpConnection {
  /** By `performance.now()`: after that the server may be closing it. */
  freshUntil = 0
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #bytes = Buffer.allocUnsafeSlow(READ_BYTES)
  #carried: Carried | null
  #reader: ResponseReader | null = null
  #served = 0
  #fault: Error | null = null

  /** Begins to connect, and sends the first request as soon as it can. */
  constructor(server: Server, owner: ConnectionOwner, text: string, carried: Carried) {
    this.#owner = owner
    this.#carried = carried
    this.#socket = openSocket(server, this.#bytes, (size) => this.#read(size))
    this.#socket.once(server.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.#write(text))
    this.#socket.on('error', (error) => (this.#fault ??= error))
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('close', () => this.#closed())
  }

  /** For a connection that is free. */
  carry(text: string, carried: Carried): void {
    this.#carried = carried
    this.#write(text)
  }

  /** What it carries fails with the reason; nothing is told for one that carries nothing. */
  destroy(reason?: Error): void {
    this.#fault ??= reason ?? null
    this.#socket.destroy()
    this.#closed(true)
  }

  #write(text: string): void {
    if (this.#carried === null) return
    this.#reader = new ResponseReader(this.#carried.maxResponseBytes)
    this.#socket.write(text, 'latin1')
  }

  #read(size: number): boolean {
    const reader = this.#reader
    if (reader === null) {
      this.destroy() // nobody has asked: what comes unasked must not become the answer to the next
      return false
    }
    try {
      const response = reader.take(this.#bytes.subarray(0, size))
      if (response !== null) this.#finish(response)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error('reading failed', { cause: error }))
    }
    return true
  }

  #finish(response: WireResponse): void {
    const carried = this.#carried
    this.#carried = null
    this.#reader = null
    this.#served += 1
    const isReusable = response.head.keptForMs > 0 && this.#socket.writableLength === 0
    if (isReusable) {
      this.freshUntil = performance.now() + response.head.keptForMs
      this.#owner.onFree(this)
    } else this.destroy()
    carried?.onResponse(response)
  }

  #ended(): void {
    if (this.#carried === null) return this.destroy() // free, and not to be given another by a server that has said goodbye
    const response = this.#reader?.end() ?? null
    if (response !== null) this.#finish(response)
  }

  #closed(isOurDoing = false): void {
    const carried = this.#carried
    const unanswered = !isOurDoing && this.#served > 0 && this.#reader?.begun !== true
    this.#carried = null
    this.#reader = null
    this.#owner.onClosed(this)
    carried?.onFault(this.#fault ?? new Error('the connection was closed'), unanswered)
  }
}

function openSocket({ url, secure }: Server, buffer: Buffer, read: (size: number) => boolean): Socket {
  const { protocol, hostname, port } = url
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname // IPv6
  const isSecure = protocol === 'https:'
  const options: TcpSocketConnectOpts = {
    host,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
    onread: { buffer, callback: read },
  }
  if (!isSecure) return connectPlain(options)
  return connectSecure({
    ...options,
    ...secure,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
  })
}
