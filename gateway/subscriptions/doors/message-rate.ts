/**
 * Tokens in a bucket, which fills with time up to a burst; a message takes one. The state is two numbers a connection, and
 * time is passed in.
 */
export class MessageRate {
  #tokens: number
  #atMs: number

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** False where the bucket is empty. */
  take(perSecond: number, burst: number, nowMs: number): boolean {
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perSecond) / 1000)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
