import { z } from 'zod'
import { ConfigError } from '../../../platform/config/read-config.js'

/** Where passkeys are good. */
export interface PasskeySettings {
  /** The domain they are bound to: once there are passkeys it can't be changed without losing them. */
  readonly rpId: string
  /** The pages that may use them, e.g. `https://app.example.com`. */
  readonly origins: readonly string[]
}

/** The variables about passkeys. */
export const passkeyVariables = {
  AUTH_PASSKEY_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .pipe(
      z.array(
        z.string().refine(isSecureOrigin, 'must be origins such as https://app.example.com, separated by commas'),
      ),
    )
    .optional(),
  AUTH_PASSKEY_RP_ID: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a domain such as example.com')
    .optional(),
}

/** Null where no origin is given. Throws ConfigError where the domain is not that of every origin, or one above it. */
export function passkeySettings(
  origins: readonly string[] | undefined,
  wanted: string | undefined,
): PasskeySettings | null {
  if (origins?.[0] === undefined) return null
  const rpId = wanted ?? new URL(origins[0]).hostname
  if (origins.every((origin) => isWithin(new URL(origin).hostname, rpId))) return { rpId, origins }
  throw new ConfigError('auth', [
    'AUTH_PASSKEY_RP_ID: must be the domain of every origin in AUTH_PASSKEY_ORIGINS, or one above it',
  ])
}

/** Web Authentication Level 3, section 5.1.3: a registrable suffix; one label alone, such as `com`, is none. */
function isWithin(hostname: string, rpId: string): boolean {
  return hostname === rpId || (rpId.includes('.') && hostname.endsWith(`.${rpId}`))
}

/** Browsers offer passkeys to https alone, and to `localhost`; not to addresses in numbers. */
function isSecureOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, protocol, hostname } = new URL(text)
  return origin === text && (protocol === 'https:' || hostname === 'localhost') && !/^[\d.]+$|:/.test(hostname)
}
