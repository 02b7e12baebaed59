import { z } from 'zod'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { longText, nameText, storableText } from '../../../platform/graphql/text-input.js'
import { isDateOfBirth } from '../domain/age.js'
import { readPhoneNumber } from '../../../platform/phone/phone-number.js'
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
const phone = z
  .string()
  .refine(isKnown(readPhoneNumber), 'must be an international number in use, such as +44 20 8366 1177')
  .transform((text) => readPhoneNumber(text))

/** The id of a person, there or not. */
export const personId = z.string().refine(isEntityId, 'must be the id of a user')

/** The version a change is based on. */
export const baseVersion = z.int().min(0).nullish().transform(leftOut)

/** A profile's changes; `now` tells which days have been. */
export function updateProfileInput(now: () => Date) {
  return z.object({
    displayName: displayName.nullish(),
    bio: bio.nullish(),
    avatarUrl: avatarUrl.nullish(),
    status: z.enum(['ONLINE', 'AWAY', 'BUSY', 'OFFLINE']).nullish(),
    phone: phone.nullish(),
    dateOfBirth: z
      .string()
      .refine((text) => isDateOfBirth(text, now()), 'must be a day from 1900-01-01 to today, such as 1990-06-15')
      .nullish(),
    timezone: timezone
      .transform((text) => ianaTimeZone(text) ?? text)
      .nullish()
      .transform(leftOut),
    locale: locale
      .transform((text) => languageTag(text) ?? text)
      .nullish()
      .transform(leftOut),
    version: baseVersion,
  })
}

const audience = z.enum(['EVERYONE', 'CONTACTS', 'NOBODY']).nullish().transform(leftOut)
const toggle = z.boolean().nullish().transform(leftOut)

export const privacySettingsInput = z.object({
  showsProfile: audience,
  showsStatus: audience,
  showsPhone: audience,
  showsAge: audience,
  searchable: toggle,
})

export const preferencesInput = z.object({
  theme: z.enum(['SYSTEM', 'LIGHT', 'DARK']).nullish().transform(leftOut),
  textScalePercent: z.int().min(50).max(300).nullish().transform(leftOut),
  reducesMotion: toggle,
  usesHighContrast: toggle,
  notifications: z.object({ email: toggle, sms: toggle, push: toggle }).nullish().transform(leftOut),
  version: baseVersion,
})

export const addContactInput = z.object({
  userId: personId,
  nickname: nameText({ max: 100 })
    .nullish()
    .transform((text) => (text === undefined || text === '' ? null : text)),
})

function isKnown(read: (text: string) => string | null): (text: string) => boolean {
  return (text) => read(text) !== null
}

/** Null says the same as leaving it out where a field can't be empty. */
function leftOut<Value>(value: Value | null | undefined): Value | undefined {
  return value ?? undefined
}
