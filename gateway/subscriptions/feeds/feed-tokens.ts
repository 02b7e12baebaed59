import type { FeedToken } from './feed-token.js'

/**
 * The tokens a source may be asked with: those of whoever follows it just now. They agree in all that they say of their bearer,
 * but not in how long they last: whichever lasts longest is next, and a source is not left for another one while it runs.
 */
export class FeedTokens {
  /** Of whoever asked for the feed. */
  readonly own: FeedToken
  /** Each with the number of those who hold it. */
  readonly #held = new Map<FeedToken, number>()
  readonly #refused = new Set<string | null>()

  constructor(own: FeedToken) {
    this.own = own
  }

  /** What the next connection is made with. */
  get authorization(): string | null {
    let best: FeedToken | null = null
    for (const token of this.#held.keys()) {
      if (best === null || this.#isBetter(token, best)) best = token
    }
    return (best ?? this.own).authorization
  }

  /** From now on it may be used, until `drop` was called as often. */
  hold(token: FeedToken): void {
    this.#held.set(token, (this.#held.get(token) ?? 0) + 1)
  }

  /** Its holder follows no longer, has a newer one, or was ended with it. */
  drop(token: FeedToken): void {
    const count = (this.#held.get(token) ?? 0) - 1
    if (count > 0) return void this.#held.set(token, count)
    this.#held.delete(token)
    const { authorization } = token
    if (![...this.#held.keys()].some((other) => other.authorization === authorization))
      this.#refused.delete(authorization)
  }

  /** The source takes this one no longer. Whether there is another to ask it with, which it has not refused. */
  refuse(authorization: string | null): boolean {
    this.#refused.add(authorization)
    return !this.#refused.has(this.authorization)
  }

  #isBetter(one: FeedToken, other: FeedToken): boolean {
    const [isRefused, otherIsRefused] = [one, other].map(({ authorization }) => this.#refused.has(authorization))
    return isRefused === otherIsRefused ? one.lastsUntil > other.lastsUntil : otherIsRefused === true
  }
}
