import { describe, expect, it } from '@jest/globals'
import { followSignal } from './cancellation.js'

describe('a cancellation', () => {
  it('tells everybody who listens, and nobody who has stopped', () => {
    const controller = new AbortController()
    const cancellation = followSignal(controller.signal)
    const told: string[] = []
    const early = () => void told.push('early')
    cancellation.onCancel(early)
    cancellation.onCancel(() => void told.push('late'))
    cancellation.offCancel(early)
    expect(cancellation.cancelled).toBe(false)
    controller.abort()
    expect([cancellation.cancelled, told]).toEqual([true, ['late']])
  })

  it('lets a listener stop listening while it is told', () => {
    const controller = new AbortController()
    const cancellation = followSignal(controller.signal)
    const told: number[] = []
    const listeners = [1, 2, 3].map((number) => () => {
      told.push(number)
      for (const listener of listeners) cancellation.offCancel(listener)
    })
    for (const listener of listeners) cancellation.onCancel(listener)
    controller.abort()
    expect(told).toEqual([1, 2, 3])
  })

  it('lets go of a signal that outlives it', () => {
    const controller = new AbortController()
    const cancellation = followSignal(controller.signal)
    let told = false
    cancellation.onCancel(() => (told = true))
    cancellation.release()
    controller.abort()
    expect(told).toBe(false)
  })
})
