import { describe, expect, it, jest } from '@jest/globals'
import { createLogger } from '../../../platform/log/logger.js'
import { createAfterwards } from './afterwards.js'

const logger = createLogger({ service: 'tests', level: 'silent' })

describe('work after an answer', () => {
  it('begins when its time has come, one piece after the other, and goes on after a failure', async () => {
    jest.useFakeTimers()
    const done: string[] = []
    const afterwards = createAfterwards({ logger, delayMs: 50 })
    afterwards.run('first', async () => {
      done.push('first begins')
      await Promise.resolve()
      done.push('first ends')
      throw new Error('no database')
    })
    afterwards.run('second', async () => done.push('second'))

    await jest.advanceTimersByTimeAsync(49)
    expect(done).toEqual([])
    await jest.advanceTimersByTimeAsync(1)
    expect(done).toEqual(['first begins', 'first ends', 'second'])
    jest.useRealTimers()
  })

  it('is done when it closes, without its pause', async () => {
    const done: number[] = []
    const afterwards = createAfterwards({ logger, delayMs: 3_600_000 })
    for (const n of [1, 2, 3]) afterwards.run('count', async () => done.push(n))

    await afterwards.close()

    expect(done).toEqual([1, 2, 3])
  })

  it('is refused where too much waits, and taken again when there is room', async () => {
    const afterwards = createAfterwards({ logger, most: 1, delayMs: 0 })
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))

    expect(afterwards.run('first', () => ended)).toBe(true)
    expect(afterwards.run('second', async () => undefined)).toBe(false)
    end()
    await afterwards.close()
    expect(afterwards.run('third', async () => undefined)).toBe(true)
    await afterwards.close()
  })
})
