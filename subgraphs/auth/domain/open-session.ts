import type { AccessTokens } from './access-tokens.js'
import type { Account } from './account.js'
import type { Authentication } from './authentication.js'
import type { RefreshTokenSecrets } from './refresh-token-secrets.js'
import { permissionsOf } from './roles.js'
import { expiryAfterUse, type Device, type Session, type SessionLimits } from './session.js'

/** A pair of tokens, the session they belong to and whose it is. */
export interface SignIn {
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
  readonly session: Session
  readonly account: Account
}

export interface NewSessions {
  /**
   * Stores the session with its first refresh token, notes the sign-in on the account and tells `session.created`, all or
   * nothing. Live sessions above `maxPerUser` end, those seen least recently first. Null when the account is
   * gone or locked, or has another password by now than the one that was proved.
   */
  store(
    session: Session,
    fingerprint: Uint8Array<ArrayBuffer>,
    options: { readonly maxPerUser: number; readonly passwordVersion: number },
  ): Promise<Account | null>
}

export interface OpenSessionDependencies {
  readonly newSessions: NewSessions
  readonly secrets: RefreshTokenSecrets
  readonly accessTokens: AccessTokens
  readonly limits: SessionLimits
  readonly now: () => Date
  readonly newId: () => string
}

/** Whose password was proved, and which of those they have had. */
export interface ProvedUser {
  readonly userId: string
  readonly passwordVersion: number
}

/** Opens a session for somebody who has proved who they are, by whatever means. */
export type OpenSession = (proved: ProvedUser, device: Device, authentication: Authentication) => Promise<SignIn | null>

export function createOpenSession(dependencies: OpenSessionDependencies): OpenSession {
  const { newSessions, secrets, accessTokens, limits, now, newId } = dependencies
  return async ({ userId, passwordVersion }, device, authentication) => {
    const startedAt = now()
    const endsAt = new Date(startedAt.getTime() + limits.absoluteMs)
    const session: Session = {
      id: newId(),
      userId,
      createdAt: startedAt,
      lastSeenAt: startedAt,
      expiresAt: expiryAfterUse(startedAt, endsAt, limits),
      endsAt,
      ...device,
      authentication,
    }
    const refreshToken = secrets.create()
    const account = await newSessions.store(session, secrets.fingerprint(refreshToken), {
      maxPerUser: limits.maxPerUser,
      passwordVersion,
    })
    return account && completeSignIn(accessTokens, { refreshToken, session, account })
  }
}

/** Completes a sign-in by an access token. */
export async function completeSignIn(
  accessTokens: AccessTokens,
  opened: Pick<SignIn, 'refreshToken' | 'session' | 'account'>,
): Promise<SignIn> {
  return { ...opened, ...(await accessTokenFor(accessTokens, opened)) }
}

/** An access token for a session, with what the account's role allows now. */
export async function accessTokenFor(
  accessTokens: AccessTokens,
  { session, account }: Pick<SignIn, 'session' | 'account'>,
): Promise<Pick<SignIn, 'accessToken' | 'expiresInSeconds'>> {
  const accessToken = await accessTokens.sign({
    userId: account.id,
    sessionId: session.id,
    roles: [account.role],
    permissions: permissionsOf(account.role),
    authentication: session.authentication,
  })
  return { accessToken, expiresInSeconds: accessTokens.lifetimeSeconds }
}
