import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import { parseInput } from './parse-input.js'
import { lineText, longText, nameText, storableText } from './text-input.js'

const kinds = { name: nameText({ max: 20 }), line: lineText({ max: 20 }), long: longText({ max: 20 }) }
const all = { ...kinds, storable: storableText({ max: 20 }) }

/** What the kind says against the text; empty where it takes it. */
function complaints(kind: keyof typeof all, text: string): readonly string[] {
  try {
    expect(parseInput(z.object({ tags: z.array(all[kind]) }), { tags: [text] })).toEqual({ tags: [text] })
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.details.map(({ field, reason }) => `${field} ${reason}`)
  }
}

describe('text in an input', () => {
  it.each(['storable', 'name', 'line', 'long'] as const)('of the kind %s is what a database can hold', (kind) => {
    expect(complaints(kind, 'Zoë 😀 李')).toEqual([])
    for (const half of ['\ud800abc', 'abc\udc00', '\udc00\ud800']) {
      expect(complaints(kind, half)).toEqual([
        'input.tags[0] must be well-formed Unicode: it contains half of a surrogate pair',
      ])
    }
    expect(complaints(kind, 'a\0b')).toEqual(['input.tags[0] must not contain the character U+0000'])
    expect(complaints(kind, 'x'.repeat(21))).toHaveLength(1)
  })

  it.each([...'\u00ad\u061c\u115f\u180e\u200b\u200d\u200e\u202e\u2028\u2060\u2066\u3164\ufe0f\ufeff', '\u{e0041}'])(
    'that is a name has no %j in it',
    (sign) => {
      expect(complaints('name', `Ada${sign}L`)).toEqual(['input.tags[0] must not contain invisible characters'])
    },
  )

  it('of one line has no line end, and may join emoji', () => {
    expect(complaints('line', 'a\nb')).toEqual(['input.tags[0] must not contain control characters'])
    expect(complaints('line', 'us 👩‍👧 ❤️')).toEqual([])
  })

  it('of many lines has line ends and tabs, and no other control characters', () => {
    expect(complaints('long', ' a\tb\r\nc\n')).toEqual([])
    for (const sign of ['\u0007', '\u001b', '\u007f', '\u0085']) {
      expect(complaints('long', `a${sign}b`)).toEqual([
        'input.tags[0] must not contain control characters other than line ends and tabs',
      ])
    }
  })
})
