import { z } from 'zod'
import { longText, nameText, storableText } from '../../../platform/graphql/text-input.js'
import { ianaTimeZone, languageTag } from '../domain/place-and-language.js'

const displayName = nameText({ min: 2, max: 100 })
const bio = longText({ max: 1_000 }).transform((text) => text.trim())

const avatarUrl = storableText({ max: 500 })
  .pipe(z.url({ protocol: /^https$/, error: 'must be an https address' }))
  .refine((text) => {
    const { username, password } = new URL(text)
    return username === '' && password === ''
  }, 'must not contain a user or a password')

const timezone = z.string().max(64).refine(isKnown(ianaTimeZone), 'must be an IANA time zone, such as Europe/Berlin')
const locale = z.string().max(64).refine(isKnown(languageTag), 'must be a BCP 47 language tag, such as en-GB')

export const updateProfileInput = z.object({
  displayName: displayName.nullish(),
  bio: bio.nullish(),
  avatarUrl: avatarUrl.nullish(),
  timezone: timezone
    .transform((text) => ianaTimeZone(text) ?? text)
    .nullish()
    .transform(leftOut),
  locale: locale
    .transform((text) => languageTag(text) ?? text)
    .nullish()
    .transform(leftOut),
})

function isKnown(read: (text: string) => string | null): (text: string) => boolean {
  return (text) => read(text) !== null
}

/** Null says the same as leaving it out where a field can't be empty. */
function leftOut<Value>(value: Value | null | undefined): Value | undefined {
  return value ?? undefined
}
