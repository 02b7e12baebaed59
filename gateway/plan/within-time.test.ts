import { describe, expect, it } from '@jest/globals'
import { OutOfTime, withinTime } from './within-time.js'

describe('withinTime', () => {
  it('gives back what the work does, and throws what it throws', () => {
    expect(withinTime(10_000, () => [1])).toEqual([1])
    const fault = new TypeError('of the work')
    expect(() =>
      withinTime(10_000, () => {
        throw fault
      }),
    ).toThrow(fault)
  })

  it('stops work that has no end', () => {
    let rounds = 0
    expect(() =>
      withinTime(20, () => {
        for (;;) rounds += 1
      }),
    ).toThrow(OutOfTime)
    expect(rounds).toBeGreaterThan(0)
    expect(withinTime(10_000, () => 'and goes on')).toBe('and goes on')
  })
})
