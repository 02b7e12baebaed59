import { tokenLifetimeMs } from './token-lifetime.js'

/** Gives the access token to be used now, null for none. Asked at every connection and before the last one expires. */
export type AccessTokenSource = () => string | null | Promise<string | null>

export interface TokenRenewalOptions {
  readonly accessToken: AccessTokenSource
  /** Sends a token to the gateway and resolves when it was answered: false where it was refused. */
  readonly send: (token: string) => Promise<boolean>
  /** How long before its end a token is replaced. */
  readonly renewBeforeMs: number
}

/** The token of one connection, kept fresh. */
export interface TokenRenewal {
  /** Grows with every token that was renewed in place. */
  readonly version: number
  /** The token to connect with. */
  first(): Promise<string | null>
  /** The connection stands: from now on the token is renewed before it expires. */
  begin(): void
  /** Now, for the gateway says it is too old. False where there is no other token, or none that is accepted. */
  renew(): Promise<boolean>
  /** The connection is gone. */
  stop(): void
}

const LONGEST_TIMER_MS = 2_147_483_647 // setTimeout takes no more
const SOONEST_MS = 1_000 // a source that gives the same token again is not asked without pause

/** Keeps a connection's token fresh: it decides when, `send` knows how. */
export function createTokenRenewal({ accessToken, send, renewBeforeMs }: TokenRenewalOptions): TokenRenewal {
  let token: string | null = null
  let version = 0
  let renewing: Promise<boolean> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let isConnected = false

  const schedule = () => {
    clearTimeout(timer)
    const lifetimeMs = token === null ? null : tokenLifetimeMs(token)
    if (lifetimeMs === null || !isConnected) return
    const earlyMs = Math.min(renewBeforeMs, lifetimeMs / 2)
    const waitMs = Math.min(Math.max(lifetimeMs - earlyMs, SOONEST_MS), LONGEST_TIMER_MS)
    timer = setTimeout(() => void renew(), waitMs)
  }

  const exchange = async () => {
    try {
      const newer = await accessToken()
      if (newer === null || newer === token || !(await send(newer))) return false
      token = newer
      version += 1
      return true
    } catch {
      return false // no token just now: the gateway ends what needs one with a code
    } finally {
      renewing = null
      schedule()
    }
  }
  const renew = () => (renewing ??= exchange())

  return {
    get version() {
      return version
    },
    async first() {
      token = await accessToken()
      return token
    },
    begin() {
      isConnected = true
      schedule()
    },
    renew,
    stop() {
      isConnected = false
      clearTimeout(timer)
    },
  }
}
