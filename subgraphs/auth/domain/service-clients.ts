import { roles } from '../../../platform/identity/roles.js'
import { permissionsOf } from './roles.js'

/** A program with credentials of its own. */
export interface ServiceClient {
  readonly id: string
  readonly name: string
  /** The most its tokens may allow, as `resource:action`. */
  readonly scopes: readonly string[]
  readonly createdAt: Date
  /** Since when it gets no tokens, for good; null where it does. */
  readonly disabledAt: Date | null
  /** Those that are good now, newest first. */
  readonly secrets: readonly ServiceClientSecret[]
}

/** What is kept of a secret, beside its fingerprint. Its id is the `sid` of the tokens issued for it. */
export interface ServiceClientSecret {
  readonly id: string
  readonly createdAt: Date
  /** Null for the one that is not being replaced. */
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

/** A secret on its way into the store, by what is kept of it. */
export interface NewSecret {
  readonly id: string
  readonly fingerprint: Uint8Array<ArrayBuffer>
}

/** The secret itself and what is kept of it. */
export interface SecretTokens {
  /** 256 random bits. */
  create(): string
  fingerprint(token: string): Uint8Array<ArrayBuffer>
}

/** So that scanners of code and logs know a leaked one. */
export const SECRET_PREFIX = 'bsc_'

/** For people alone: who manages accounts or the system proves anew who they are, which a program can't. */
const forPeople: ReadonlySet<string> = new Set(['admin:users', 'admin:system'])

/** Everything a program can be allowed. */
export const programScopes: ReadonlySet<string> = new Set(
  roles.flatMap(permissionsOf).filter((permission) => !forPeople.has(permission)),
)
