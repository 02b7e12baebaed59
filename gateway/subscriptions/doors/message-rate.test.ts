import { describe, expect, it } from '@jest/globals'
import { MessageRate } from './message-rate.js'

const taken = (rate: MessageRate, count: number, nowMs: number) =>
  Array.from({ length: count }, () => rate.take(10, 20, nowMs)).filter((admitted) => admitted).length

describe('a rate of messages', () => {
  it('allows a burst, then as many as time gives back', () => {
    const rate = new MessageRate(20, 0)
    expect(taken(rate, 30, 0)).toBe(20)
    expect(taken(rate, 30, 500)).toBe(5)
    expect(taken(rate, 30, 550)).toBe(0)
    expect(taken(rate, 30, 600)).toBe(1)
  })

  it('saves up no more than a burst', () => {
    const rate = new MessageRate(20, 0)
    expect(taken(rate, 100, 3_600_000)).toBe(20)
  })
})
