import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/**
 * A connection as node:http is lent it, for whole requests one at a time. What node:http answers goes to the client, and its
 * closing closes the client's connection, but only while it has a request to answer: what is lent can be taken back.
 */
export class LentSocket extends Duplex {
  readonly #socket: Socket
  readonly #onReturn: () => void
  #isLent = false

  constructor(socket: Socket, onReturn: () => void) {
    super({ decodeStrings: false })
    this.#socket = socket
    this.#onReturn = onReturn
    socket.on('timeout', this.#onTimeout)
  }

  get isLent(): boolean {
    return this.#isLent
  }

  /** As of the connection itself: who asks for the client's address asks the socket. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  /** Of silence on the connection, for as long as it is lent; then there is a `timeout`. */
  setTimeout(timeoutMs: number): this {
    this.#socket.setTimeout(timeoutMs)
    return this
  }

  lend(request: Buffer): void {
    this.#isLent = true
    this.push(request)
  }

  /** To be called when the request is answered, and every byte of it is sent. */
  giveBack(): void {
    this.#isLent = false
    this.#socket.setTimeout(0)
    this.#onReturn()
  }

  override _read(): void {
    // it is given what there is
  }

  override _write(piece: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.#goOn(this.#send(piece, encoding), done)
  }

  override _writev(pieces: { chunk: Buffer | string; encoding: BufferEncoding }[], done: () => void): void {
    let mayGoOn = true
    this.#socket.cork()
    for (const { chunk, encoding } of pieces) mayGoOn = this.#send(chunk, encoding)
    this.#socket.uncork()
    this.#goOn(mayGoOn, done)
  }

  override _final(done: () => void): void {
    if (this.#isLent) this.#socket.destroySoon()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.off('timeout', this.#onTimeout)
    if (this.#isLent) this.#socket.destroy()
    done(error)
  }

  readonly #onTimeout = (): void => void this.emit('timeout')

  #send(piece: Buffer | string, encoding: BufferEncoding): boolean {
    return typeof piece === 'string' ? this.#socket.write(piece, encoding) : this.#socket.write(piece)
  }

  #goOn(mayGoOn: boolean, done: () => void): void {
    if (mayGoOn) done()
    else this.#socket.once('drain', done)
  }
}
