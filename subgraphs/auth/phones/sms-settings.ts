import { z } from 'zod'

/** How text messages are sent, and how many. */
export interface SmsSettings {
  /** Null: none are sent, unless mails are kept for developers: then text messages are kept beside them. */
  readonly gateway: { readonly url: string; readonly token: string | null; readonly from: string | null } | null
  /** Countries whose numbers are taken, as ISO 3166-1 alpha-2; null takes any. */
  readonly countries: readonly string[] | null
  /** The most messages in 24 hours, all accounts together. */
  readonly mostADay: number
}

export const defaultMostSmsADay = 1_000

/** The variables about text messages. */
export const smsVariables = {
  SMS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://sms.example.com/messages' })
    .refine(isSecure, 'must be https, or http on this machine: numbers and codes travel there')
    .optional(),
  SMS_TOKEN: z.string().min(1).optional(),
  SMS_FROM: z.string().min(1).max(20).optional(),
  AUTH_SMS_COUNTRIES: z
    .string()
    .transform((text) => text.split(',').map((country) => country.trim().toUpperCase()))
    .pipe(z.array(z.string().regex(/^[A-Z]{2}$/, 'must be countries such as GB, separated by commas')))
    .optional(),
  AUTH_SMS_PER_DAY: z.coerce.number().int().min(1).max(10_000_000).default(defaultMostSmsADay),
}

export function smsSettings(read: z.output<z.ZodObject<typeof smsVariables>>): SmsSettings {
  const { SMS_URL: url, SMS_TOKEN: token = null, SMS_FROM: from = null } = read
  return {
    gateway: url === undefined ? null : { url, token, from },
    countries: read.AUTH_SMS_COUNTRIES ?? null,
    mostADay: read.AUTH_SMS_PER_DAY,
  }
}

function isSecure(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
