import type { Caller } from '../../gateway-request.js'
import type { SessionMember, SessionRegistry } from '../sessions/session-registry.js'

/** Why a token is good no more, while the connection it came over still stands. */
export type TokenEnd = 'SUBSCRIPTION_TOKEN_EXPIRED' | 'SUBSCRIPTION_SESSION_ENDED'

/** Whoever runs operations under a token. */
export interface TokenHolder {
  /** The token is good no more: its subscriptions are to end with `token.ended` as their code. Called once an end. */
  tokenEnded(token: TokenInUse): void
}

/** The tokens in use at one door, and the two things that end them: their own time, and the end of their session. */
export interface TokenDesk {
  /** Null where the caller's session has ended already. */
  take(caller: Caller, holder: TokenHolder): TokenInUse | null
  /** Ends what has expired. To be called every second or so, by one clock for all. */
  tick(): void
  /** Tokens that can expire. */
  readonly size: number
}

interface Desk {
  readonly sessions: SessionRegistry
  readonly expiring: Set<TokenInUse>
  readonly now: () => number
}

/**
 * A token's time is taken when it is handed in, on a clock that only ever grows: a system clock that is set back or forth
 * later neither cuts streams off nor prolongs them. There is no timer a token: those end at 2^31 ms, and ten thousand cost.
 */
export class TokenInUse implements SessionMember {
  readonly #holder: TokenHolder
  readonly #desk: Desk
  #caller: Caller
  #ended: TokenEnd | null = null
  #endedAtMs = 0
  #expiresAtMs: number

  constructor(caller: Caller, holder: TokenHolder, desk: Desk) {
    this.#caller = caller
    this.#holder = holder
    this.#desk = desk
    this.#expiresAtMs = this.#watch()
  }

  get caller(): Caller {
    return this.#caller
  }

  get ended(): TokenEnd | null {
    return this.#ended
  }

  /** How long ago it ended; 0 while it is good. */
  get endedForMs(): number {
    return this.#ended === null ? 0 : this.#desk.now() - this.#endedAtMs
  }

  /** How long it is good for; null without an end. */
  get expiresInMs(): number | null {
    return this.#expiresAtMs === Infinity ? null : Math.max(0, Math.round(this.#expiresAtMs - this.#desk.now()))
  }

  /** Puts another token in its place. False, with nothing changed, where that one's session has ended already. */
  replace(caller: Caller): boolean {
    const { sessions } = this.#desk
    sessions.leave(this.#caller, this) // first: it may be the same session
    if (!sessions.join(caller, this)) {
      sessions.join(this.#caller, this)
      return false
    }
    this.#caller = caller
    this.#ended = null
    this.#expiresAtMs = this.#watch()
    return true
  }

  expireBy(nowMs: number): void {
    if (nowMs >= this.#expiresAtMs) this.#end('SUBSCRIPTION_TOKEN_EXPIRED')
  }

  sessionEnded(): void {
    this.#end('SUBSCRIPTION_SESSION_ENDED')
  }

  /** The connection or the operation is over. */
  release(): void {
    this.#desk.expiring.delete(this)
    this.#desk.sessions.leave(this.#caller, this)
  }

  #watch(): number {
    const { principal } = this.#caller
    if (principal === null) {
      this.#desk.expiring.delete(this)
      return Infinity
    }
    this.#desk.expiring.add(this)
    return this.#desk.now() + principal.expiresAtSeconds * 1000 - Date.now()
  }

  #end(code: TokenEnd): void {
    if (this.#ended !== null) return
    this.#ended = code
    this.#endedAtMs = this.#desk.now()
    this.#desk.expiring.delete(this)
    this.#holder.tokenEnded(this)
  }
}

export function createTokenDesk(sessions: SessionRegistry, now: () => number = () => performance.now()): TokenDesk {
  const expiring = new Set<TokenInUse>()
  const desk: Desk = { sessions, expiring, now }
  return {
    take(caller, holder) {
      const token = new TokenInUse(caller, holder, desk)
      if (sessions.join(caller, token)) return token
      token.release()
      return null
    },
    tick() {
      const nowMs = now()
      for (const token of expiring) token.expireBy(nowMs)
    },
    get size() {
      return expiring.size
    },
  }
}
