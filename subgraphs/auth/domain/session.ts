import type { Authentication } from './authentication.js'

/** One sign-in on one device. It is live while it has not ended and `expiresAt` lies ahead. */
export interface Session {
  readonly id: string
  readonly userId: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  /** Moves with every refresh, never beyond `endsAt`. */
  readonly expiresAt: Date
  /** When it ends however much it is used. */
  readonly endsAt: Date
  readonly userAgent: string | null
  readonly ipAddress: string | null
  /** How its owner proved last who they are. */
  readonly authentication: Authentication
}

/** What a sign-in comes from, as far as it tells. */
export interface Device {
  readonly userAgent: string | null
  readonly ipAddress: string | null
}

export interface SessionLimits {
  /** How long a refresh token works if it is not used. */
  readonly idleMs: number
  /** How long a session lives however much it is used. */
  readonly absoluteMs: number
  /** A further sign-in ends the session seen least recently. */
  readonly maxPerUser: number
}

/** Until when a session lives that is used now. */
export function expiryAfterUse(now: Date, endsAt: Date, { idleMs }: Pick<SessionLimits, 'idleMs'>): Date {
  return new Date(Math.min(now.getTime() + idleMs, endsAt.getTime()))
}
