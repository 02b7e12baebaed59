import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GrowingBytes } from './growing-bytes.js'

const SEED = 20_261_122

describe('growing bytes', () => {
  it('are what came, without what was taken away, in order', () => {
    const steps = fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 9_000 }), fc.nat(20_000)), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(steps, (all) => {
        const bytes = new GrowingBytes()
        let expected = Buffer.alloc(0)
        for (const step of all) {
          if (typeof step === 'number') {
            const count = Math.min(step, expected.length)
            bytes.drop(count)
            expected = expected.subarray(count)
          } else {
            bytes.add(Buffer.from(step))
            expected = Buffer.concat([expected, step])
          }
          expect(bytes.size).toBe(expected.length)
          expect(bytes.view().equals(expected)).toBe(true)
        }
      }),
      { seed: SEED },
    )
  })

  it('leave what was seen of them as it was, whatever is added later', () => {
    const bytes = new GrowingBytes()
    bytes.add(Buffer.from('first '))
    bytes.add(Buffer.from('second '))
    const seen = bytes.view()
    bytes.drop(6)
    for (let count = 0; count < 5_000; count += 1) bytes.add(Buffer.from('x'))
    expect(seen.toString()).toBe('first second ')
  })

  it('that come one by one take twice their memory, and are seldom copied', () => {
    const bytes = new GrowingBytes()
    const rooms = new Set<ArrayBufferLike>()
    const count = 200_000
    for (let index = 0; index < count; index += 1) {
      bytes.add(Buffer.from('x'))
      rooms.add(bytes.view().buffer)
    }
    expect(bytes.view().buffer.byteLength).toBeLessThan(2 * count + 4_096)
    expect(rooms.size).toBeLessThan(12)
  })
})
