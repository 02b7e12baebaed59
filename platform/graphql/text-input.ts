import { z } from 'zod'

/** In UTF-16 units, as GraphQL clients count. */
export interface TextLength {
  readonly min?: number
  readonly max: number
}

/** Half of a pair: UTF-8 has no form for it, and a database would store another character in its place. */
const loneSurrogate = /\p{Surrogate}/u
const control = /\p{Control}/u
const controlInLongText = /[^\P{Control}\n\r\t]/u
/** Signs that are invisible, or turn text around, would let one name pass for another (Unicode TR 36). */
const invisible = /[\p{Control}\p{Format}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u

/** Any text a database can hold as it is: well-formed Unicode without U+0000. For passwords, addresses and model names. */
export function storableText({ min = 0, max }: TextLength) {
  return storable(z.string(), min, max)
}

/** The name of somebody or something people tell apart by it: trimmed, with nothing in it that can't be seen. */
export function nameText({ min = 0, max }: TextLength) {
  return storable(z.string().trim(), min, max).refine(
    (text) => !invisible.test(text),
    'must not contain invisible characters',
  )
}

/** One line: trimmed, without control characters. Emoji that are joined from several keep their joiners. */
export function lineText({ min = 0, max }: TextLength) {
  return storable(z.string().trim(), min, max).refine(
    (text) => !control.test(text),
    'must not contain control characters',
  )
}

/** Text of many lines, as it was written. Line ends and tabs are its only control characters. */
export function longText({ min = 0, max }: TextLength) {
  return storable(z.string(), min, max).refine(
    (text) => !controlInLongText.test(text),
    'must not contain control characters other than line ends and tabs',
  )
}

function storable(text: z.ZodString, min: number, max: number) {
  return text
    .min(min, { abort: true })
    .max(max, { abort: true })
    .refine((value) => !loneSurrogate.test(value), {
      error: 'must be well-formed Unicode: it contains half of a surrogate pair',
      abort: true,
    })
    .refine((value) => !value.includes('\0'), { error: 'must not contain the character U+0000', abort: true })
}
