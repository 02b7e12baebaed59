import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { asciiJson, textFrame } from './websocket-frame.js'

/** The text in one whole frame, read as RFC 6455, section 5.2, has it. */
function textIn(frame: Buffer): string {
  const [first, second = 0] = frame
  expect([first, second & 0x80]).toEqual([0x81, 0]) // final, text, no mask
  if (second < 126) return whole(frame, 2, second)
  return second === 126 ? whole(frame, 4, frame.readUInt16BE(2)) : whole(frame, 10, Number(frame.readBigUInt64BE(2)))
}

function whole(frame: Buffer, at: number, length: number): string {
  expect(frame.length).toBe(at + length)
  return frame.toString('utf8', at)
}

const EDGES = [0, 1, 124, 125, 126, 127, 16_383, 16_384, 16_385, 65_534, 65_535, 65_536, 70_000]

describe('a frame', () => {
  it.each(EDGES)('holds %i bytes and what stands around them', (length) => {
    const shared = Buffer.alloc(length, 'x')
    expect(textIn(Buffer.concat(textFrame('', shared, '')))).toBe('x'.repeat(length))
    expect(textIn(Buffer.concat(textFrame('{"a":', shared, 'é}')))).toBe(`{"a":${'x'.repeat(length)}é}`)
  })

  it('holds any text, and shares what is large', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (id, head, tail) => {
        const opening = `{"id":${asciiJson(id)},`
        const text = textIn(Buffer.concat(textFrame(opening, Buffer.from(head), tail)))
        expect(text).toBe(opening + Buffer.from(head).toString() + Buffer.from(tail).toString())
      }),
    )
    const large = Buffer.alloc(20_000)
    expect(textFrame('x', large, 'y')[1]).toBe(large)
  })
})

describe('an id in JSON', () => {
  it('is ASCII, and reads as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const written = asciiJson(id)
        expect(JSON.parse(written)).toBe(id)
        expect(written).toMatch(/^[\x20-\x7e]*$/)
      }),
    )
  })
})
