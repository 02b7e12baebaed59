import { z } from 'zod'
import { ianaTimeZone, languageTag } from '../domain/place-and-language.js'

/** Signs that are invisible, or turn text around, would let one name pass for another (Unicode TR 36). */
const invisible = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const unprintable = /[^\P{Cc}\n\r\t]/u

const displayName = z
  .string()
  .trim()
  .min(2)
  .max(100)
  .refine((text) => !invisible.test(text), 'must not contain invisible characters')

const bio = z
  .string()
  .trim()
  .max(1_000)
  .refine((text) => !unprintable.test(text), 'must not contain control characters')

const avatarUrl = z
  .string()
  .max(500)
  .pipe(z.url({ protocol: /^https$/, error: 'must be an https address' }))
  .refine((text) => {
    const { username, password } = new URL(text)
    return username === '' && password === ''
  }, 'must not contain a user or a password')

/** Null says the same as leaving it out where a field can't be empty. */
const timezone = z.string().max(64).refine(isKnown(ianaTimeZone), 'must be an IANA time zone, such as Europe/Berlin')
const locale = z.string().max(64).refine(isKnown(languageTag), 'must be a BCP 47 language tag, such as en-GB')

export const updateProfileInput = z.object({
  displayName: displayName.nullish(),
  bio: bio.nullish(),
  avatarUrl: avatarUrl.nullish(),
  timezone: timezone.transform((text) => ianaTimeZone(text) ?? text).optional(),
  locale: locale.transform((text) => languageTag(text) ?? text).optional(),
})

function isKnown(read: (text: string) => string | null): (text: string) => boolean {
  return (text) => read(text) !== null
}
