const known = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])
const NAME = /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/ // offsets such as +02:00 are no zones: they know no summer time

/**
 * The time zone by its IANA name, in the database's spelling; null when there is none. Names the database keeps as links
 * (`Asia/Kolkata`) stay as they are given.
 */
export function ianaTimeZone(text: string): string | null {
  if (known.has(text)) return text
  if (!NAME.test(text)) return null
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
  } catch {
    return null
  }
}

/** The language tag in its canonical form (BCP 47, RFC 5646 section 4.5); null when it is none. */
export function languageTag(text: string): string | null {
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null
  } catch {
    return null
  }
}
