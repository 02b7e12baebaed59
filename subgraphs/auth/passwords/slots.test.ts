import { describe, expect, it } from '@jest/globals'
import { createSlots } from './slots.js'

describe('slots', () => {
  it('let no more run at the same time than there are, in the order they came', async () => {
    const slots = createSlots(2)
    const started: number[] = []
    let running = 0
    let most = 0

    await Promise.all(
      [0, 1, 2, 3, 4, 5].map((number) =>
        slots
          .run(async () => {
            started.push(number)
            most = Math.max(most, ++running)
            await Promise.resolve()
            running -= 1
            if (number === 1) throw new Error('one fails')
          })
          .catch(() => undefined),
      ),
    )

    expect(most).toBe(2)
    expect(started).toEqual([0, 1, 2, 3, 4, 5])
  })
})
