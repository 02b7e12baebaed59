import { describe, expect, it } from '@jest/globals'
import { createTotpCodes } from './totp-codes.js'

const codes = createTotpCodes('Biometrics')
const secret = new TextEncoder().encode('12345678901234567890') as Uint8Array<ArrayBuffer>
const at = (seconds: number) => new Date(seconds * 1000)

describe('codes of an authenticator app', () => {
  // RFC 6238 appendix B, its eight digits cut to the last six
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %d s is %s', (seconds, code) => {
    expect(codes.stepOf(secret, code, at(seconds))).toBe(Math.floor(seconds / 30))
  })

  it('are good one step earlier and later, and tell which step they are of', () => {
    const step = Math.floor(1_234_567_890 / 30)
    expect(codes.stepOf(secret, '005924', at(1_234_567_890 + 30))).toBe(step)
    expect(codes.stepOf(secret, '005924', at(1_234_567_890 - 30))).toBe(step)
    expect(codes.stepOf(secret, '005924', at(1_234_567_890 + 60))).toBeNull()
    expect(codes.stepOf(secret, '005924', at(1_234_567_890 - 60))).toBeNull()
  })

  it.each(['', '5924', '0059240', '00592a', '-05924', '００５９２４'])('are nothing like %j', (code) => {
    expect(codes.stepOf(secret, code, at(1_234_567_890))).toBeNull()
  })

  it('come from an address that apps scan, whatever the label holds', () => {
    const url = new URL(codes.uriOf(secret, 'ada+x&secret=evil@example.com'))
    expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp'])
    expect(url.searchParams.getAll('secret')).toEqual(['GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'])
    expect(codes.textOf(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  })
})
