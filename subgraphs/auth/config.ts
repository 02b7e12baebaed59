import { z } from 'zod'
import { masterKeys, type MasterKeys } from '../../platform/config/master-keys.js'
import { ConfigError, flag, portNumber, readEnvironment } from '../../platform/config/read-config.js'
import type { SessionLimits } from './domain/session.js'
import type { Argon2Settings } from './passwords/argon2-password-hasher.js'
import { passkeySettings, passkeyVariables, type PasskeySettings } from './passkeys/passkey-settings.js'
import { smsSettings, smsVariables, type SmsSettings } from './phones/sms-settings.js'
import { providerVariables, type ProviderSettings } from './providers/provider-settings.js'
import { signingKeySchema, type SigningKey } from './tokens/signing-keys.js'

export interface AuthConfig {
  readonly http: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
  }
  readonly tokens: {
    readonly issuer: string
    readonly audience: string
    /** Private keys that an empty store of keys begins with: the first signs, all are published. */
    readonly signingKeys: readonly SigningKey[]
    /** How long a key signs before the next one does. */
    readonly keyRotationMs: number
    readonly accessTokenSeconds: number
  }
  readonly sessions: SessionLimits
  /** Addresses in small letters, whose owners are superadmins once they have confirmed them. */
  readonly superadmins: readonly string[]
  /** What secrets of authenticator apps are sealed under. */
  readonly masterKeys: MasterKeys
  readonly passwords: Argon2Settings
  readonly mail: {
    /** Null: nothing is sent, and what is to be sent waits, unless it is kept for developers. */
    readonly smtpUrl: string | null
    /** Mails are kept in memory in place of being sent, for ANYBODY to read: on a developer's machine only. */
    readonly keptForDevelopers: boolean
    readonly from: string
    /** The web client's address, which links in mails lead to; without a slash at its end. */
    readonly webUrl: string
  }
  readonly sms: SmsSettings
  /** Whether an address must be confirmed before its account can be used. */
  readonly needsConfirmation: boolean
  /** Null: there are none. */
  readonly passkeys: PasskeySettings | null
  /** Identity providers, in the order to show them. */
  readonly providers: readonly ProviderSettings[]
}

const DAY_MS = 86_400_000

/** Everything but addresses and keys, as the house decided it. */
export const authDefaults = {
  accessTokenSeconds: 900,
  keyRotationMs: 30 * DAY_MS,
  sessions: { idleMs: 7 * DAY_MS, absoluteMs: 30 * DAY_MS, maxPerUser: 10 },
  // about 18 hashes a second on two cores: who takes the last place is served within two seconds
  passwords: { memoryKib: 65_536, iterations: 3, parallelism: 2, concurrency: 2, places: 32 },
} as const

/** `[{...}]`, or a whole key set `{"keys": [{...}]}`. */
const signingKeys = z
  .string('is not set: private Ed25519 keys as JSON Web Keys')
  .transform((text, issues): unknown => {
    try {
      const parsed: unknown = JSON.parse(text)
      return isKeySet(parsed) ? parsed.keys : parsed
    } catch {
      issues.addIssue('must be JSON')
      return z.NEVER
    }
  })
  .pipe(z.array(signingKeySchema, 'must be a list of JSON Web Keys').min(1))

function isKeySet(parsed: unknown): parsed is { readonly keys: unknown } {
  return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'keys')
}

const superadmins = z
  .string()
  .transform((text) => text.split(',').map((address) => address.trim().toLowerCase()))
  .pipe(z.array(z.email('must be e-mail addresses, separated by commas')))

const days = z.coerce.number().positive().max(365)
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

// the least of argon2's parameters are OWASP's; the most of them keep one hash from taking the machine
const variables = z.object({
  AUTH_HOST: z.string().default('0.0.0.0'),
  AUTH_PORT: portNumber.default(8081),
  TOKEN_ISSUER: z.string('is not set: the `iss` of access tokens').min(1),
  TOKEN_AUDIENCE: z.string('is not set: the `aud` of access tokens').min(1),
  AUTH_SIGNING_KEYS: signingKeys.optional(),
  AUTH_KEY_ROTATION_DAYS: days.min(1).default(authDefaults.keyRotationMs / DAY_MS),
  AUTH_MASTER_KEYS: masterKeys,
  AUTH_ACCESS_TOKEN_SECONDS: count(60, 3_600).default(authDefaults.accessTokenSeconds),
  AUTH_SESSION_IDLE_DAYS: days.default(authDefaults.sessions.idleMs / DAY_MS),
  AUTH_SESSION_ABSOLUTE_DAYS: days.default(authDefaults.sessions.absoluteMs / DAY_MS),
  AUTH_SESSIONS_PER_USER: count(1, 100).default(authDefaults.sessions.maxPerUser),
  AUTH_ARGON2_MEMORY_KIB: count(19_456, 1_048_576).default(authDefaults.passwords.memoryKib),
  AUTH_ARGON2_ITERATIONS: count(2, 20).default(authDefaults.passwords.iterations),
  AUTH_ARGON2_PARALLELISM: count(1, 16).default(authDefaults.passwords.parallelism),
  AUTH_ARGON2_CONCURRENCY: count(1, 64).default(authDefaults.passwords.concurrency),
  AUTH_PASSWORD_PLACES: count(1, 10_000).default(authDefaults.passwords.places),
  ...passkeyVariables,
  ...smsVariables,
  ...providerVariables,
  AUTH_SUPERADMINS: superadmins.default([]),
  AUTH_EMAIL_CONFIRMATION: flag.optional(),
  AUTH_WEB_URL: z.url({ protocol: /^https?$/, error: 'must be an address such as https://app.example.com' }).optional(),
  AUTH_MAIL_FROM: z.string().min(3).default('Biometrics <no-reply@localhost>'),
  AUTH_DEVELOPMENT_MAILS: flag.default(false),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an address such as smtps://user:password@host' }).optional(),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const authVariables = variables.shape

/** The auth service's configuration from its environment; there are no default keys. Throws ConfigError with every fault. */
export function readAuthConfig(environment: Readonly<Record<string, string | undefined>>): AuthConfig {
  const read = readEnvironment('auth', variables, environment)
  const needsConfirmation = read.AUTH_EMAIL_CONFIRMATION ?? read.SMTP_URL !== undefined
  if (needsConfirmation && read.SMTP_URL === undefined && !read.AUTH_DEVELOPMENT_MAILS) {
    throw new ConfigError('auth', ['SMTP_URL: is not set, and AUTH_EMAIL_CONFIRMATION needs mail to be sent'])
  }
  if (read.AUTH_DEVELOPMENT_MAILS && read.SMTP_URL !== undefined) {
    throw new ConfigError('auth', [
      'AUTH_DEVELOPMENT_MAILS: shows mails to anybody, and SMTP_URL sends them: leave one out',
    ])
  }
  return {
    http: { host: read.AUTH_HOST, port: read.AUTH_PORT },
    tokens: {
      issuer: read.TOKEN_ISSUER,
      audience: read.TOKEN_AUDIENCE,
      signingKeys: read.AUTH_SIGNING_KEYS ?? [],
      keyRotationMs: read.AUTH_KEY_ROTATION_DAYS * DAY_MS,
      accessTokenSeconds: read.AUTH_ACCESS_TOKEN_SECONDS,
    },
    sessions: {
      idleMs: read.AUTH_SESSION_IDLE_DAYS * DAY_MS,
      absoluteMs: read.AUTH_SESSION_ABSOLUTE_DAYS * DAY_MS,
      maxPerUser: read.AUTH_SESSIONS_PER_USER,
    },
    passwords: {
      memoryKib: read.AUTH_ARGON2_MEMORY_KIB,
      iterations: read.AUTH_ARGON2_ITERATIONS,
      parallelism: read.AUTH_ARGON2_PARALLELISM,
      concurrency: read.AUTH_ARGON2_CONCURRENCY,
      places: read.AUTH_PASSWORD_PLACES,
    },
    mail: {
      smtpUrl: read.SMTP_URL ?? null,
      keptForDevelopers: read.AUTH_DEVELOPMENT_MAILS,
      from: read.AUTH_MAIL_FROM,
      webUrl: (read.AUTH_WEB_URL ?? read.TOKEN_ISSUER).replace(/\/$/, ''),
    },
    sms: smsSettings(read),
    needsConfirmation,
    passkeys: passkeySettings(read.AUTH_PASSKEY_ORIGINS, read.AUTH_PASSKEY_RP_ID),
    providers: read.AUTH_PROVIDERS,
    superadmins: read.AUTH_SUPERADMINS,
    masterKeys: read.AUTH_MASTER_KEYS,
  }
}
