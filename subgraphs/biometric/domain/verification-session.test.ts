import { describe, expect, it } from '@jest/globals'
import { isOpen, stepAfterComparison, steps } from './verification-session.js'

describe('the steps of a verification', () => {
  it('rise within an attempt and reach 100 in every final state', () => {
    const { created, captured, processing, matching, ...others } = steps
    const again = stepAfterComparison(false, 2)
    const rising = [created, again, captured, processing, matching, steps.succeeded].map(({ percent }) => percent)
    expect(rising).toEqual([...rising].sort((a, b) => a - b))
    expect(Object.values(others).every((step) => !isOpen(step) && step.percent === 100)).toBe(true)
  })

  it('end with a match or with the last attempt', () => {
    expect(stepAfterComparison(true, 0).state).toBe('SUCCEEDED')
    expect(stepAfterComparison(false, 0).state).toBe('FAILED')
    expect(stepAfterComparison(false, 1)).toMatchObject({
      state: 'CAPTURING',
      message: expect.stringMatching(/1 attempt is left/),
    })
  })
})
