import type { Device } from './session.js'

/** What is written down, as `thing.what happened to it`. */
export type AuditAction =
  | 'account.registered'
  | 'account.registration-refused'
  | 'account.created'
  | 'account.confirmed'
  | 'account.locked'
  | 'account.unlocked'
  | 'account.role-changed'
  | 'account.erasure-ordered'
  | 'account.erased'
  | 'data.export-requested'
  | 'data.export-link-created'
  | 'data.export-downloaded'
  | 'session.opened'
  | 'session.refused'
  | 'session.ended'
  | 'password.changed'
  | 'password.reset'
  | 'totp.added'
  | 'totp.removed'
  | 'recovery-codes.renewed'
  | 'second-factors.reset'
  | 'provider.linked'
  | 'provider.unlinked'
  | 'service-client.created'
  | 'service-client.secret-rotated'
  | 'service-client.disabled'
  | 'service-token.issued'
  | 'passkey.added'
  | 'passkey.renamed'
  | 'passkey.removed'
  | 'profile.changed'
  | 'profile.deleted'
  | 'profile.restored'
  | 'phone.added'
  | 'phone.changed'
  | 'phone.removed'
  | 'biometric.limits-lifted'
  | 'biometric.capture-device-registered'
  | 'biometric.capture-device-disabled'
  | 'biometric.webhook-registered'
  | 'biometric.webhook-secret-rotated'
  | 'biometric.webhook-disabled'
  | 'biometric.gallery-created'
  | 'biometric.gallery-deleted'
  | 'biometric.gallery-member-added'
  | 'biometric.gallery-member-removed'
  | 'biometric.gallery-searched'

/** Who does something, and from where. */
export interface Actor {
  /** Null for somebody not signed in. */
  readonly userId: string | null
  readonly device: Device
}

/** What happened to an account, with what an auditor asks for and nothing secret. */
export interface AuditFact {
  readonly action: AuditAction
  readonly actor: Actor
  readonly subjectId: string
  readonly details?: Readonly<Record<string, AuditDetail>>
}

/** What was refused: a password, a code, a provider, or a passkey and why. */
export interface RefusalDetails {
  readonly reason: 'password' | 'code' | 'provider' | `passkey-${string}`
}

export type AuditDetail = string | number | boolean | null | readonly string[]

/** An entry as it is shown to whoever may see it. */
export interface ShownEntry {
  readonly sequence: number
  readonly at: Date
  readonly action: string
  /** Null for somebody not signed in, and for a person who was erased. */
  readonly actorId: string | null
  readonly subjectId: string | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
  /** Empty where they were erased. */
  readonly details: Readonly<Record<string, AuditDetail>>
}

export interface AuditFilter {
  readonly action?: string | undefined
  /** Any of these. */
  readonly actions?: readonly AuditAction[]
  /** Not before. */
  readonly since?: Date
  readonly actorId?: string | undefined
  readonly subjectId?: string | undefined
}

export interface AuditLog {
  /** Newest first, below a sequence where one is given. */
  list(filter: AuditFilter, before: number | null, limit: number): Promise<readonly ShownEntry[]>
}
