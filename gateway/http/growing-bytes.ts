const LEAST_ROOM = 4_096

/**
 * Bytes that come in pieces at one end and are taken away at the other. However small the pieces are and however much is
 * announced, they take at most about twice the memory of what is there, and each is copied a few times at most.
 */
export class GrowingBytes {
  #room: Buffer = NOTHING
  #start = 0
  #end = 0

  get size(): number {
    return this.#end - this.#start
  }

  /** Becomes the bytes' own: a first piece is kept as it is. */
  add(piece: Buffer): void {
    if (this.size === 0) {
      this.#room = piece
      this.#start = 0
      this.#end = piece.length
      return
    }
    if (this.#end + piece.length > this.#room.length) this.#makeRoom(this.size + piece.length)
    piece.copy(this.#room, this.#end)
    this.#end += piece.length
  }

  /** All there are. They are not copied, and stay as they are whatever is added later. */
  view(): Buffer {
    return this.size === this.#room.length ? this.#room : this.#room.subarray(this.#start, this.#end)
  }

  /** Takes so many away from the beginning. */
  drop(count: number): void {
    this.#start += count
    if (this.size > 0) return
    this.#room = NOTHING
    this.#start = this.#end = 0
  }

  #makeRoom(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(LEAST_ROOM, 2 * size))
    this.#room.copy(larger, 0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    this.#room = larger
  }
}

const NOTHING = Buffer.alloc(0)
