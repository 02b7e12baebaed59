import { describe, expect, it } from '@jest/globals'
import { describePhoneNumber, readPhoneNumber } from './phone-number.js'

// Numbers that the numbering plans give as examples, or that their regulators set aside for no one.
describe('a telephone number', () => {
  it.each([
    ['+44 20 8366 1177', '+442083661177'],
    ['+1 (415) 555-2671', '+14155552671'],
    [' +49 30 12345678', '+493012345678'],
    ['+39 06 698 12345', '+390669812345'], // Italy keeps its zero
    ['+7 495 123-45-67', '+74951234567'],
  ])('%s is kept as %s', (text, number) => {
    expect(readPhoneNumber(text)).toBe(number)
  })

  it.each([
    '020 8366 1177', // of which country?
    '+44 20 8366',
    '+999 12345678',
    '+1 415 555 267',
    '+1 800 FLOWERS',
    '+1 415 555 2671 ext. 5',
    'call +44 20 8366 1177',
    '+',
    '',
    `+44${'2'.repeat(60)}`,
  ])('%j is refused', (text) => {
    expect(readPhoneNumber(text)).toBeNull()
    expect(describePhoneNumber(text)).toBeNull()
  })

  it('tells country, kind and time zones by its numbering plan', () => {
    expect(describePhoneNumber('+442083661177')).toEqual({
      number: '+442083661177',
      international: '+44 20 8366 1177',
      national: '020 8366 1177',
      callingCode: '+44',
      country: 'GB',
      countryName: 'United Kingdom',
      kind: 'FIXED_LINE',
      timezones: ['Europe/London'],
    })
    expect(describePhoneNumber('+491701234567')).toMatchObject({ country: 'DE', kind: 'MOBILE' })
    expect(describePhoneNumber('+14165552671')).toMatchObject({ country: 'CA', callingCode: '+1' })
    expect(describePhoneNumber('+14155552671')?.timezones).toEqual(
      expect.arrayContaining(['America/Los_Angeles', 'America/New_York']),
    )
  })

  it('of no country has neither country nor time zones', () => {
    expect(describePhoneNumber('+80012345678')).toMatchObject({
      callingCode: '+800',
      country: null,
      countryName: null,
      timezones: [],
    })
  })
})
