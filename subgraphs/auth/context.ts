import DataLoader from 'dataloader'
import { isEntityId } from '../../platform/graphql/entity-id.js'
import type { KeptMail } from '../../platform/mail/development-mailer.js'
import type { SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { Account } from './domain/account.js'
import type { AdministerAccounts } from './domain/administer-accounts.js'
import type { AuditLog } from './domain/audit.js'
import type { ChangePassword } from './domain/change-password.js'
import type { ConfirmAddress } from './domain/confirm-address.js'
import type { EndSessions } from './domain/end-sessions.js'
import type { FinishSignIn } from './domain/finish-sign-in.js'
import type { IssueServiceToken } from './domain/issue-service-token.js'
import type { LoginHistory } from './domain/login-history.js'
import type { LogIn } from './domain/log-in.js'
import type { ManagePhone } from './domain/manage-phone.js'
import type { ManageSecondFactors } from './domain/manage-second-factors.js'
import type { ManageServiceClients } from './domain/manage-service-clients.js'
import type { RegisterByPhone } from './domain/register-by-phone.js'
import type { ResetByPhone } from './domain/reset-by-phone.js'
import type { Reauthenticate } from './domain/reauthenticate.js'
import type { RefreshSession } from './domain/refresh-session.js'
import type { Register } from './domain/register.js'
import type { RequestMail } from './domain/request-mail.js'
import type { ResetPassword } from './domain/reset-password.js'
import type { Device, Session } from './domain/session.js'
import type { Passkeys } from './passkeys/open-passkeys.js'
import type { ProviderUseCases } from './providers/open-providers.js'

/** What auth can do, made once a process. */
export interface AuthUseCases {
  readonly register: Register
  readonly confirmAddress: ConfirmAddress
  readonly requestMail: RequestMail
  readonly resetPassword: ResetPassword
  readonly changePassword: ChangePassword
  readonly finishSignIn: FinishSignIn
  readonly reauthenticate: Reauthenticate
  readonly secondFactors: ManageSecondFactors
  readonly phone: ManagePhone
  /** Of accounts that are found by a number in place of an address. */
  readonly byPhone: { readonly register: RegisterByPhone; readonly reset: ResetByPhone }
  /** Throws AUTHZ_FORBIDDEN where none are configured. */
  readonly passkeys: () => Passkeys
  readonly logIn: LogIn
  readonly refreshSession: RefreshSession
  readonly endSessions: EndSessions
  readonly administerAccounts: AdministerAccounts
  readonly serviceClients: ManageServiceClients
  readonly issueServiceToken: IssueServiceToken
  readonly providers: ProviderUseCases
  readonly loginHistory: LoginHistory
  readonly liveSessions: (userId: string) => Promise<readonly Session[]>
}

/** What auth reads by id, a batch at a time; rows come in any order, and missing ones are left out. */
export interface AuthReaders {
  readonly accounts: (ids: readonly string[]) => Promise<readonly Account[]>
  readonly sessions: (userId: string, ids: readonly string[]) => Promise<readonly Session[]>
  readonly auditLog: AuditLog
  /** Mails kept for developers; null where mail is sent. */
  readonly developmentMails: ((address: string) => readonly KeptMail[]) | null
}

export interface AuthLoaders {
  readonly account: DataLoader<string, Account | null>
  /** Live sessions of the principal; null for any other id. */
  readonly ownSession: DataLoader<string, Session | null>
}

export interface AuthContext extends SubgraphContext {
  readonly useCases: AuthUseCases
  readonly readers: Pick<AuthReaders, 'developmentMails' | 'auditLog'>
  /** Where the request comes from. */
  readonly device: Device
  readonly loaders: AuthLoaders
}

/** Completes the context of one request. */
export function createAuthContext(base: SubgraphContext, useCases: AuthUseCases, readers: AuthReaders): AuthContext {
  const userId = base.principal?.userId
  return {
    ...base,
    useCases,
    readers,
    device: { userAgent: base.userAgent, ipAddress: base.clientAddress },
    loaders: {
      account: new DataLoader(async (ids) => inOrder(ids, await readers.accounts(ids.filter(isEntityId)))),
      ownSession: new DataLoader(async (ids) =>
        inOrder(ids, userId === undefined ? [] : await readers.sessions(userId, ids.filter(isEntityId))),
      ),
    },
  }
}

function inOrder<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id) ?? null)
}
