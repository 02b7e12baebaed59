import { AppError } from '../../../platform/errors/app-error.js'
import type { Actor } from './audit.js'
import type { Device, Session } from './session.js'

export interface LiveSessions {
  /** Newest first. */
  list(userId: string, at: Date): Promise<readonly Session[]>
  /**
   * Ends those of the user's live sessions that are named, all of them when none is, and tells `session.ended` for each.
   * Returns the ones this call has ended.
   */
  end(userId: string, at: Date, by: Actor, which?: NamedSessions): Promise<readonly Session[]>
}

/** One session, or all but one. */
export type NamedSessions = { readonly only: string } | { readonly except: string }

export interface EndSessionsDependencies {
  readonly liveSessions: LiveSessions
  readonly now: () => Date
}

/** The ways a person ends sessions of their own. */
export function createEndSessions({ liveSessions, now }: EndSessionsDependencies) {
  return {
    /** Ends one session; no matter if it had ended already. */
    async logout(userId: string, sessionId: string, device: Device): Promise<void> {
      await liveSessions.end(userId, now(), { userId, device }, { only: sessionId })
    },
    /** Ends every session and returns how many there were. */
    async logoutAll(userId: string, device: Device): Promise<number> {
      return (await liveSessions.end(userId, now(), { userId, device })).length
    },
    /** Ends every session but one, and returns how many there were. */
    async revokeOthers(userId: string, sessionId: string, device: Device): Promise<number> {
      return (await liveSessions.end(userId, now(), { userId, device }, { except: sessionId })).length
    },
    /** Ends one session. Throws RES_NOT_FOUND alike for one that is not live, not there or somebody else's. */
    async revoke(userId: string, sessionId: string, device: Device): Promise<Session> {
      const [ended] = await liveSessions.end(userId, now(), { userId, device }, { only: sessionId })
      if (ended === undefined) throw new AppError('RES_NOT_FOUND')
      return ended
    },
  }
}

export type EndSessions = ReturnType<typeof createEndSessions>
