import { describe, expect, it } from '@jest/globals'
import { changesDue, keyTimes, stateOf, type KeyLife } from './key-schedule.js'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const schedule = { ...keyTimes, rotateAfterMs: 30 * DAY_MS }
const start = Date.UTC(2026, 0)
const at = (ms: number) => new Date(start + ms)

/** A key by the times, after the start, at which it was made, began to sign and signed last. */
const key = (kid: string, made: number, signs: number | null = null, retired: number | null = null): KeyLife => ({
  kid,
  createdAt: at(made),
  signsFrom: signs === null ? null : at(signs),
  retiredAt: retired === null ? null : at(retired),
})
const nothing = { retire: null, promote: null, make: null, remove: [] }

describe('the schedule of signing keys', () => {
  it('makes a key that signs where there is none, and then one that waits', () => {
    expect(changesDue([], at(0), schedule)).toEqual({ ...nothing, make: 'current' })
    expect(changesDue([key('a', 0, 0)], at(0), schedule)).toEqual({ ...nothing, make: 'next' })
    expect(changesDue([key('a', 0, 0), key('b', 0)], at(0), schedule)).toBeNull()
  })

  it('lets the next one sign after thirty days, and makes another that waits', () => {
    const keys = [key('a', 0, 0), key('b', 0)]
    expect(changesDue(keys, at(30 * DAY_MS - 1), schedule)).toBeNull()
    expect(changesDue(keys, at(30 * DAY_MS), schedule)).toEqual({ retire: 'a', promote: 'b', make: 'next', remove: [] })
  })

  it('lets no key sign that verifiers may not have seen yet, but where there is no other', () => {
    const made = 30 * DAY_MS
    expect(changesDue([key('a', 0, 0), key('b', made)], at(made + HOUR_MS - 1), schedule)).toBeNull()
    expect(changesDue([key('a', 0, 0), key('b', made)], at(made + HOUR_MS), schedule)?.promote).toBe('b')
    expect(changesDue([key('b', made)], at(made), schedule)).toEqual({ ...nothing, promote: 'b', make: 'next' })
  })

  it('publishes a key for two hours after it signed last: longer than any token lives', () => {
    const keys = [key('a', 0, 0, DAY_MS), key('b', 0, DAY_MS), key('c', DAY_MS)]
    expect(changesDue(keys, at(DAY_MS + 2 * HOUR_MS - 1), schedule)).toBeNull()
    expect(changesDue(keys, at(DAY_MS + 2 * HOUR_MS), schedule)).toEqual({ ...nothing, remove: ['a'] })
  })

  it('turns at once when it is told to', () => {
    const turned = { retire: 'a', promote: 'b', make: 'next', remove: [] }
    expect(changesDue([key('a', 0, 0), key('b', 0)], at(1), schedule, true)).toEqual(turned)
    expect(changesDue([key('a', 0, 0)], at(1), schedule, true)).toEqual({ ...turned, promote: null, make: 'current' })
  })

  it('is not moved by a clock that went back', () => {
    expect(changesDue([key('a', DAY_MS, DAY_MS), key('b', DAY_MS)], at(0), schedule)).toBeNull()
    expect(stateOf(key('a', DAY_MS, DAY_MS))).toBe('current')
  })
})
