import { AppError } from '../../../platform/errors/app-error.js'
import { describePhoneNumber } from '../../../platform/phone/phone-number.js'

/**
 * Throws VAL_VALIDATION_FAILED for a number that is no mobile phone's, or of a country (ISO 3166-1 alpha-2) that is not among
 * those given: numbers that cost more, or that no text message reaches, are what fraud with text messages lives on.
 */
export function requireMobile(number: string, countries: readonly string[] | null): void {
  const { kind = null, country = null } = describePhoneNumber(number) ?? {}
  const refuse = (reason: string) =>
    new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.number', reason }] })
  if (kind !== 'MOBILE' && kind !== 'FIXED_LINE_OR_MOBILE') throw refuse('must be the number of a mobile phone')
  if (countries !== null && (country === null || !countries.includes(country)))
    throw refuse('is of a country no text messages are sent to')
}

/** A number as it is shown: its beginning and its last two digits. */
export function withMostHidden(number: string): string {
  return `${number.slice(0, 3)}${'•'.repeat(number.length - 5)}${number.slice(-2)}`
}
