import { AppError } from '../../../platform/errors/app-error.js'
import type { Administrator } from './administer-accounts.js'
import { mayGrant, type Role } from '../../../platform/identity/roles.js'
import { permissionsOf } from './roles.js'
import {
  programScopes,
  SECRET_PREFIX,
  type NewSecret,
  type SecretTokens,
  type ServiceClient,
} from './service-clients.js'

/** Where a page of programs goes on: after this one. */
export interface ServiceClientPlace {
  readonly createdAt: Date
  readonly id: string
}

/**
 * Programs as they are kept. What changes one is written down as done by the administrator; `allow` has its say on the role
 * they have now, which a token may be minutes behind. Throws AUTH_TOKEN_INVALID where their session has ended.
 */
export interface ServiceClientChanges {
  add(
    client: Pick<ServiceClient, 'id' | 'name' | 'scopes'>,
    secret: NewSecret,
    by: Administrator,
    at: Date,
    allow: (own: Role) => void,
  ): Promise<ServiceClient>
  /**
   * Adds a secret. Of those before only the newest stays good, until `previousUntil`; with null none does, and their tokens
   * end (`session.ended`). Null, changing nothing, when there is no such program or it is disabled.
   */
  addSecret(
    clientId: string,
    secret: NewSecret,
    previousUntil: Date | null,
    by: Administrator,
    at: Date,
    allow: (own: Role) => void,
  ): Promise<ServiceClient | null>
  /** Ends every secret and all that was issued for them. Null when there is no such program; one that is disabled stays as it is. */
  disable(clientId: string, by: Administrator, at: Date, allow: (own: Role) => void): Promise<ServiceClient | null>
  /** Newest first. */
  list(after: ServiceClientPlace | null, limit: number, at: Date): Promise<readonly ServiceClient[]>
}

/** A program, and its new secret, which is told this once. */
export interface ServiceClientCredentials {
  readonly client: ServiceClient
  readonly clientSecret: string
}

export interface ManageServiceClientsDependencies {
  readonly serviceClients: ServiceClientChanges
  readonly tokens: SecretTokens
  readonly now: () => Date
  readonly newId: () => string
}

const OVERLAP_MS = 86_400_000 // a working day to bring a new secret to where it is used

/** How programs come by credentials and lose them. Whoever calls has checked permissions and that the sign-in is fresh. */
export function createManageServiceClients(dependencies: ManageServiceClientsDependencies) {
  const { serviceClients, tokens, now, newId } = dependencies
  const newSecret = () => {
    const clientSecret = SECRET_PREFIX + tokens.create()
    return { clientSecret, secret: { id: newId(), fingerprint: tokens.fingerprint(clientSecret) } }
  }
  return {
    /** Throws VAL_VALIDATION_FAILED naming the scope no program can have, AUTHZ_FORBIDDEN. */
    async create(by: Administrator, name: string, scopes: readonly string[]): Promise<ServiceClientCredentials> {
      refuseUnknown(scopes)
      const { clientSecret, secret } = newSecret()
      const client = { id: newId(), name, scopes: [...new Set(scopes)].sort() }
      return { clientSecret, client: await serviceClients.add(client, secret, by, now(), mayMakePrograms) }
    },
    /** Throws RES_NOT_FOUND also for a program that is disabled, AUTHZ_FORBIDDEN. */
    async rotate(by: Administrator, clientId: string, endOthersNow: boolean): Promise<ServiceClientCredentials> {
      const at = now()
      const { clientSecret, secret } = newSecret()
      const previousUntil = endOthersNow ? null : new Date(at.getTime() + OVERLAP_MS)
      const client = await serviceClients.addSecret(clientId, secret, previousUntil, by, at, mayMakePrograms)
      if (client === null) throw new AppError('RES_NOT_FOUND')
      return { clientSecret, client }
    },
    /** For good, and no matter if it was before. Throws RES_NOT_FOUND, AUTHZ_FORBIDDEN. */
    async disable(by: Administrator, clientId: string): Promise<ServiceClient> {
      const client = await serviceClients.disable(clientId, by, now(), (own) => {
        if (!permissionsOf(own).includes('admin:users')) throw new AppError('AUTHZ_FORBIDDEN')
      })
      if (client === null) throw new AppError('RES_NOT_FOUND')
      return client
    },
    list: (after: ServiceClientPlace | null, limit: number) => serviceClients.list(after, limit, now()),
  }
}

export type ManageServiceClients = ReturnType<typeof createManageServiceClients>

function mayMakePrograms(own: Role): void {
  if (!mayGrant(own, 'service')) throw new AppError('AUTHZ_FORBIDDEN')
}

function refuseUnknown(scopes: readonly string[]): void {
  const details = scopes.flatMap((scope, index) =>
    programScopes.has(scope)
      ? []
      : [{ field: `input.scopes[${index}]`, reason: `must be one of ${[...programScopes].sort().join(', ')}` }],
  )
  if (details.length > 0) throw new AppError('VAL_VALIDATION_FAILED', { details })
}
