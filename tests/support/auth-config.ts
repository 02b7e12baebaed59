import { authDefaults, type AuthConfig } from '../../subgraphs/auth/config.js'
import { providerVariables } from '../../subgraphs/auth/providers/provider-settings.js'
import type { SigningKey } from '../../subgraphs/auth/tokens/signing-keys.js'

/** What differs from one test's auth service to another's. */
export interface TestAuthOptions {
  /** Whether addresses must be confirmed. */
  readonly needsConfirmation: boolean
  /** Who is a superadmin once they have confirmed their address. */
  readonly superadmins: readonly string[]
  /** Where mail is sent; null keeps it for `developmentMails`. */
  readonly smtpUrl: string | null
  /** Where text messages are posted; null keeps them beside mails. */
  readonly smsUrl: string | null
  /** The most text messages a day. */
  readonly mostSmsADay: number
  /** Pages on localhost that may use passkeys. */
  readonly passkeyOrigins: readonly string[]
  /** As `AUTH_PROVIDERS` has them. */
  readonly providers: readonly Record<string, unknown>[]
  readonly signingKeys: readonly SigningKey[]
  readonly argon2Iterations: number
}

export const [issuer, audience] = ['http://auth.test', 'biometrics']

const { accessTokenSeconds, keyRotationMs, sessions } = authDefaults

/** The configuration of an auth service under test: cheap hashes, mails kept unless there is where to send them. */
export function testAuthConfig(options: TestAuthOptions): AuthConfig {
  const { smtpUrl, smsUrl, passkeyOrigins: origins, needsConfirmation, superadmins } = options
  return {
    http: { host: '127.0.0.1', port: 0 },
    tokens: { accessTokenSeconds, keyRotationMs, issuer, audience, signingKeys: options.signingKeys },
    sessions,
    passwords: { memoryKib: 64, iterations: options.argon2Iterations, parallelism: 1, concurrency: 2, places: 200 },
    mail: {
      smtpUrl,
      keptForDevelopers: smtpUrl === null,
      from: 'Biometrics <no-reply@example.com>',
      webUrl: 'https://app.example.com',
    },
    sms: {
      gateway: smsUrl === null ? null : { url: smsUrl, token: 'of the gateway', from: null },
      countries: null,
      mostADay: options.mostSmsADay,
    },
    needsConfirmation,
    passkeys: origins.length === 0 ? null : { rpId: 'localhost', origins },
    superadmins,
    providers: providerVariables.AUTH_PROVIDERS.parse(JSON.stringify(options.providers)),
    masterKeys: { keys: { test: new Uint8Array(32).fill(7) }, currentKeyId: 'test' },
  }
}
