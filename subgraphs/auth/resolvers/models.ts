import type { Login } from '../domain/login-history.js'
import type { Connection } from '../../../platform/graphql/connection.js'
import type { ShownEntry } from '../domain/audit.js'
import type { Account } from '../domain/account.js'
import type { Challenge } from '../domain/finish-sign-in.js'
import type { LinkedProvider } from '../domain/link-providers.js'
import type { SignIn } from '../domain/open-session.js'
import type { ServiceClient } from '../domain/service-clients.js'
import type { Passkey } from '../domain/passkeys.js'
import type { Session } from '../domain/session.js'

/** An account, and whether who asks may see the private side of it; settled where the account is reached. */
export interface UserModel {
  readonly account: Account
  readonly isPrivateSideVisible: boolean
}

export interface SessionModel {
  readonly session: Session
  readonly isCurrent: boolean
}

export type PasskeyModel = Passkey

export type AuditEntryModel = ShownEntry

export type AuditLogConnectionModel = Connection<ShownEntry>

export type LoginModel = Login

export type LoginConnectionModel = Connection<Login>

export type AuthPayloadModel = SignIn

export type LoginResultModel = SignIn | Challenge

export type MfaChallengeModel = Challenge

export type ServiceClientModel = ServiceClient

export type ServiceClientConnectionModel = Connection<ServiceClient>

export type LinkedProviderModel = LinkedProvider
