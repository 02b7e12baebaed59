import { AppError } from '../../../platform/errors/app-error.js'
import { networkOf } from '../../../platform/identity/address-network.js'
import type { AccessTokens } from './access-tokens.js'
import type { LoginAttempts } from './login-attempts.js'
import type { SecretTokens } from './service-clients.js'
import type { Device } from './session.js'

/** What a program's secret has proved. */
export interface ProvedProgram {
  readonly secretId: string
  /** The most the program may be allowed. */
  readonly scopes: readonly string[]
}

export interface ServiceClientSecrets {
  /** Null unless it is one of this program's secrets that are good now. */
  find(clientId: string, fingerprint: Uint8Array<ArrayBuffer>, at: Date): Promise<ProvedProgram | null>
  /** Notes that a token is issued for it, in the audit log too. False, changing nothing, when it has ended meanwhile. */
  use(clientId: string, secretId: string, scopes: readonly string[], device: Device, at: Date): Promise<boolean>
}

export interface ServiceToken {
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly scopes: readonly string[]
}

export interface IssueServiceTokenDependencies {
  readonly secretUses: ServiceClientSecrets
  readonly programAttempts: LoginAttempts
  readonly tokens: SecretTokens
  readonly accessTokens: AccessTokens
  readonly now: () => Date
}

const LIFETIME_SECONDS = 3_600

/**
 * A program's credentials for an access token (RFC 6749 section 4.4; the token as RFC 9068 section 2.2 has it, where `sub`
 * is the program). Tries are counted, before anything is compared, by program and network: a stranger elsewhere does not lock
 * a program out. Throws AUTH_INVALID_CREDENTIALS alike for a program that is unknown, disabled or locked and for a wrong
 * secret, AUTHZ_INSUFFICIENT_PERMISSIONS for scopes it does not have.
 */
export function createIssueServiceToken(dependencies: IssueServiceTokenDependencies) {
  const { secretUses, programAttempts, tokens, accessTokens, now } = dependencies
  return async (
    clientId: string,
    clientSecret: string,
    wanted: readonly string[] | null,
    device: Device,
  ): Promise<ServiceToken> => {
    const place = `program:${clientId}:${networkOf(device.ipAddress)}`
    const allowed = await programAttempts.claim(place)
    const fingerprint = tokens.fingerprint(clientSecret)
    const proved = allowed ? await secretUses.find(clientId, fingerprint, now()) : null
    if (proved === null) throw refused()
    await programAttempts.clear(place)
    refuseAbove(proved.scopes, wanted)
    const scopes = wanted === null ? proved.scopes : [...new Set(wanted)]
    if (!(await secretUses.use(clientId, proved.secretId, scopes, device, now()))) throw refused()
    const accessToken = await accessTokens.sign(
      { userId: clientId, sessionId: proved.secretId, roles: ['service'], permissions: scopes, authentication: null },
      LIFETIME_SECONDS,
    )
    return { accessToken, expiresInSeconds: LIFETIME_SECONDS, scopes }
  }
}

export type IssueServiceToken = ReturnType<typeof createIssueServiceToken>

function refused(): AppError {
  return new AppError('AUTH_INVALID_CREDENTIALS', { message: 'The client id or the client secret is not right.' })
}

function refuseAbove(scopes: readonly string[], wanted: readonly string[] | null): void {
  const details = (wanted ?? []).flatMap((scope, index) =>
    scopes.includes(scope) ? [] : [{ field: `input.scopes[${index}]`, reason: 'is not among what this program may' }],
  )
  if (details.length === 0) return
  throw new AppError('AUTHZ_INSUFFICIENT_PERMISSIONS', {
    message: 'The program may not have all of these scopes: see details.',
    details,
  })
}
