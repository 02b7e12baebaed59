import { describe, expect, it } from '@jest/globals'
import { percentile, runLoad, summarise } from './load.js'

describe('a summary of samples', () => {
  it('gives percentiles by nearest rank', () => {
    const sorted = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([percentile(sorted, 0.5), percentile(sorted, 0.95), percentile(sorted, 0.99)]).toEqual([50, 95, 99])
  })

  it('gives a rate over the time that passed', () => {
    expect(summarise([5, 1, 3], 500)).toEqual({ count: 3, perSecond: 6, p50: 3, p95: 5, p99: 5 })
  })
})

describe('a load', () => {
  it('keeps as many requests under way as it has connections', async () => {
    let open = 0
    let most = 0
    await runLoad({
      connections: 4,
      durationMs: 1_000, // a busy machine may take a good part of it before it begins
      once: async () => {
        most = Math.max(most, ++open)
        await new Promise(setImmediate)
        open -= 1
      },
    })
    expect(most).toBe(4)
  })

  it('ends with the first wrong answer', async () => {
    const once = async () => {
      throw new Error('not the expected answer')
    }
    await expect(runLoad({ connections: 2, durationMs: 1_000, once })).rejects.toThrow('not the expected answer')
  })
})
