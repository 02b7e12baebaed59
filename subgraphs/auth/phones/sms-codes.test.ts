import { describe, expect, it } from '@jest/globals'
import { createSmsCodes } from './sms-codes.js'

const key = (byte: number) => new Uint8Array(32).fill(byte)
const codes = createSmsCodes({ keys: { new: key(1), old: key(2) }, currentKeyId: 'new' })

describe('codes by text message', () => {
  it('are six digits, the same for the same message, and spread over all of them', () => {
    const made = Array.from({ length: 10_000 }, (_each, index) => codes.of(`message ${index}`))
    expect(made.every((code) => /^\d{6}$/.test(code))).toBe(true)
    expect(codes.of('message 7')).toBe(made[7])
    // chi-squared of the first digit, nine degrees of freedom: above 33.7 once in ten thousand keys, and this key is fixed
    const counts = Array.from({ length: 10 }, (_each, digit) => made.filter((code) => code[0] === String(digit)).length)
    expect(counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(33.7)
  })

  it('are known again with a space in them, and of another message or in another length never', () => {
    const code = codes.of('message')
    expect(codes.isOf('message', `${code.slice(0, 3)} ${code.slice(3)}`)).toBe(true)
    expect(codes.isOf('another message', code)).toBe(false)
    expect(codes.isOf('message', code.slice(1))).toBe(false)
    expect(codes.isOf('message', '')).toBe(false)
  })

  it('stay good while the key they were made under is kept, and no longer', () => {
    const before = createSmsCodes({ keys: { old: key(2) }, currentKeyId: 'old' })
    const after = createSmsCodes({ keys: { new: key(1) }, currentKeyId: 'new' })
    expect(codes.isOf('message', before.of('message'))).toBe(true)
    expect(after.isOf('message', before.of('message'))).toBe(false)
  })
})
