import { AppError } from '../../../platform/errors/app-error.js'
import type { AccessTokens } from './access-tokens.js'
import type { Account } from './account.js'
import { completeSignIn, type SignIn } from './open-session.js'
import type { RefreshTokenSecrets } from './refresh-token-secrets.js'
import { expiryAfterUse, type Session, type SessionLimits } from './session.js'

/** A refresh token of a family, by its fingerprint. */
export interface RefreshLink {
  /** When it was exchanged; null for the one that is still good. */
  readonly usedAt: Date | null
  readonly sealedSuccessor: string | null
}

/** The refresh tokens of one live session, with nobody else at work on them. */
export interface SessionFamily {
  readonly session: Session
  readonly account: Account
  find(fingerprint: Uint8Array<ArrayBuffer>): Promise<RefreshLink | null>
  /** Marks a token as used now, puts its successor in place and notes when the session was seen and ends, where that has moved. */
  replace(
    used: Uint8Array<ArrayBuffer>,
    by: { fingerprint: Uint8Array<ArrayBuffer>; sealed: string },
    seen: Pick<Session, 'lastSeenAt' | 'expiresAt'> | null,
  ): Promise<void>
  /** Empties the sealed successors of tokens used before `time`. */
  forgetSuccessors(time: Date): Promise<void>
  /** Ends the session and tells `session.ended`. */
  end(): Promise<void>
}

export interface SessionFamilies {
  /**
   * Runs `work` alone with the family of a token, in a transaction that is committed when it resolves. Null without running
   * it when the token is unknown, or its session or account is no longer live.
   */
  withFamilyOf<T>(
    fingerprint: Uint8Array<ArrayBuffer>,
    at: Date,
    work: (family: SessionFamily) => Promise<T>,
  ): Promise<T | null>
}

export interface RefreshSessionDependencies {
  readonly families: SessionFamilies
  readonly secrets: RefreshTokenSecrets
  readonly accessTokens: AccessTokens
  readonly limits: Pick<SessionLimits, 'idleMs'>
  readonly now: () => Date
}

/** Tabs of one browser refresh at the same time, and an answer may be lost on its way: within this time it is repeated. */
const GRACE_MS = 30_000

/** How often it is noted that a session is used: an idle end that is a minute early harms nobody. */
const SEEN_EVERY_MS = 60_000

/**
 * Exchanges a refresh token for a new pair. Used again within the grace it gives the successor it gave before; used again
 * later it has leaked, and the session ends. Throws AUTH_TOKEN_INVALID then, and for any token that is not of a live session.
 */
export function createRefreshSession({ families, secrets, accessTokens, limits, now }: RefreshSessionDependencies) {
  return async (token: string): Promise<SignIn> => {
    const at = now()
    const opened = await families.withFamilyOf(secrets.fingerprint(token), at, (family) => exchange(family, token, at))
    if (opened === null)
      throw new AppError('AUTH_TOKEN_INVALID', { message: 'The refresh token is not valid: sign in again.' })
    return completeSignIn(accessTokens, opened)
  }

  async function exchange(family: SessionFamily, token: string, at: Date) {
    const link = await family.find(secrets.fingerprint(token))
    if (link === null) return null
    return link.usedAt === null ? rotate(family, token, at) : repeat(family, token, link, at)
  }

  async function rotate(family: SessionFamily, token: string, at: Date) {
    const { session, account } = family
    const refreshToken = secrets.create()
    const by = { fingerprint: secrets.fingerprint(refreshToken), sealed: await secrets.seal(refreshToken, token) }
    await family.forgetSuccessors(new Date(at.getTime() - GRACE_MS))
    const seen = isSeenAnew(session, at)
      ? { lastSeenAt: at, expiresAt: expiryAfterUse(at, session.endsAt, limits) }
      : null
    await family.replace(secrets.fingerprint(token), by, seen)
    return { refreshToken, account, session: { ...session, ...seen } }
  }

  /** Not for each of many refreshes in a minute, unless sessions are so short that a minute counts. */
  function isSeenAnew({ lastSeenAt }: Session, at: Date): boolean {
    return at.getTime() - lastSeenAt.getTime() >= Math.min(SEEN_EVERY_MS, limits.idleMs / 10)
  }

  /** Goes from the used token along its successors to the one that is still good; a slow tab may be more than one behind. */
  async function repeat(family: SessionFamily, token: string, link: RefreshLink, at: Date) {
    let reached = { token, link }
    while (reached.link.usedAt !== null) {
      const { usedAt, sealedSuccessor } = reached.link
      if (sealedSuccessor === null || at.getTime() - usedAt.getTime() > GRACE_MS) {
        await family.end()
        return null
      }
      const successor = await secrets.open(sealedSuccessor, reached.token)
      const next = await family.find(secrets.fingerprint(successor))
      if (next === null) return null
      reached = { token: successor, link: next }
    }
    return { refreshToken: reached.token, account: family.account, session: family.session }
  }
}

export type RefreshSession = ReturnType<typeof createRefreshSession>
