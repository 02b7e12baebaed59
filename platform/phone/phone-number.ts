/**
 * Telephone numbers. In: text as people write it. Out: the number in E.164, and what the numbering plan (the metadata of
 * libphonenumber) says of it. It refuses to ask anybody: who holds a number, or where they are, no numbering plan knows.
 */
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max'
import { z } from 'zod'

/** What the numbering plan says of a kind of number. */
export type PhoneKind =
  | 'FIXED_LINE'
  | 'MOBILE'
  | 'FIXED_LINE_OR_MOBILE'
  | 'PREMIUM_RATE'
  | 'TOLL_FREE'
  | 'SHARED_COST'
  | 'VOIP'
  | 'PERSONAL_NUMBER'
  | 'PAGER'
  | 'UAN'
  | 'VOICEMAIL'

export interface PhoneInfo {
  /** E.164, e.g. `+442083661177`. */
  readonly number: string
  /** As people abroad write it (E.123). */
  readonly international: string
  /** As people in the country write it. */
  readonly national: string
  /** With the plus, e.g. `+44`. */
  readonly callingCode: string
  /** ISO 3166-1 alpha-2; null for numbers of no country, such as +800. */
  readonly country: string | null
  /** In English. */
  readonly countryName: string | null
  /** Null where the plan does not tell. */
  readonly kind: PhoneKind | null
  /** The IANA time zones of the country; none for numbers of no country. */
  readonly timezones: readonly string[]
}

const LONGEST = 40 // 15 digits with a separator behind each, and a plus (E.164, E.123)
const countryNames = new Intl.DisplayNames(['en'], { type: 'region' })

/** The number in E.164; null for text that is no international number in use. Letters and extensions make no number here. */
export function readPhoneNumber(text: string): string | null {
  return parse(text)?.number ?? null
}

/** What the numbering plan says of a number; null for text that is no international number in use. */
export function describePhoneNumber(text: string): PhoneInfo | null {
  const parsed = parse(text)
  if (parsed === null) return null
  const { country = null, number, countryCallingCode } = parsed
  return {
    number,
    international: parsed.formatInternational(),
    national: parsed.formatNational(),
    callingCode: `+${countryCallingCode}`,
    country,
    countryName: country === null ? null : (countryNames.of(country) ?? null),
    kind: parsed.getType() ?? null,
    timezones: country === null ? [] : timezonesOf(country),
  }
}

function parse(text: string): PhoneNumber | null {
  if (text.length > LONGEST || !/^\s*\+[\d\s().-]+$/.test(text)) return null
  const parsed = parsePhoneNumberFromString(text.trim(), { extract: false })
  return parsed?.isValid() === true ? parsed : null
}

/** The getter is how engines had it first, the method how ECMA-402 has it now. */
const localeWithZones = z.object({
  timeZones: z.array(z.string()).optional(),
  getTimeZones: z.custom<() => unknown>((value) => typeof value === 'function').optional(),
})
const zoneNames = z.array(z.string()).catch([])

function timezonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`)
  const { timeZones, getTimeZones } = localeWithZones.parse({
    timeZones: Reflect.get(locale, 'timeZones'),
    getTimeZones: Reflect.get(locale, 'getTimeZones'),
  })
  return zoneNames.parse(timeZones ?? getTimeZones?.call(locale))
}
