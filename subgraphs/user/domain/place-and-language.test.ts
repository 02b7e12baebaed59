import { describe, expect, it } from '@jest/globals'
import { ianaTimeZone, languageTag } from './place-and-language.js'

describe('time zones', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['UTC', 'UTC'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ])('take %s', (text, zone) => {
    expect(ianaTimeZone(text)).toBe(zone)
  })

  it.each(['Mars/Olympus', '+02:00', '', 'Europe/', 'Europe/Berlin ', 'utc+1'])('refuse %j', (text) => {
    expect(ianaTimeZone(text)).toBeNull()
  })
})

describe('language tags', () => {
  it.each([
    ['de', 'de'],
    ['EN-gb', 'en-GB'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['iw', 'he'],
  ])('read %s as %s', (text, tag) => {
    expect(languageTag(text)).toBe(tag)
  })

  it.each(['', 'e', 'en_GB', 'german language', 'de-'])('refuse %j', (text) => {
    expect(languageTag(text)).toBeNull()
  })
})
