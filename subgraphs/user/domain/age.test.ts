import { describe, expect, it } from '@jest/globals'
import { ageOn, isDateOfBirth } from './age.js'

const on = (day: string) => new Date(`${day}T12:00:00Z`)

describe('an age', () => {
  it.each([
    ['1990-06-15', '2026-06-14', 35],
    ['1990-06-15', '2026-06-15', 36],
    ['2004-02-29', '2026-02-28', 21],
    ['2004-02-29', '2026-03-01', 22],
    ['2004-02-29', '2028-02-29', 24],
    ['2026-01-01', '2026-01-01', 0],
  ])('of somebody born on %s is on %s %i', (born, today, years) => {
    expect(ageOn(on(today), born)).toBe(years)
  })
})

describe('a date of birth', () => {
  it.each(['1900-01-01', '2026-03-01', '2004-02-29'])('may be %s', (text) => {
    expect(isDateOfBirth(text, on('2026-03-01'))).toBe(true)
  })

  it.each(['1899-12-31', '2026-03-02', '2005-02-29', '1990-13-01', '1990-6-15', '15.06.1990', '', '1990-06-15T00:00'])(
    'may not be %j',
    (text) => {
      expect(isDateOfBirth(text, on('2026-03-01'))).toBe(false)
    },
  )
})
