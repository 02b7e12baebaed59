import { describe, expect, it } from '@jest/globals'
import { createErrorCoverage } from './error-coverage.js'

describe('the errors there are', () => {
  const coverage = createErrorCoverage([
    ['users', 1],
    ['me', 'name', 'first'],
  ])

  it('explain nulls at, below and above their places', () => {
    expect(coverage.explains(['users', 1])).toBe(true)
    expect(coverage.explains(['users', 1, 'name'])).toBe(true)
    expect(coverage.explains(['me', 'name'])).toBe(true)
    expect(coverage.explains(['users'])).toBe(true)
  })

  it('explain nothing beside them', () => {
    expect(coverage.explains(['users', 0])).toBe(false)
    expect(coverage.explains(['me', 'email'])).toBe(false)
    expect(createErrorCoverage([]).explains([])).toBe(false)
  })

  it('can be added to', () => {
    const growing = createErrorCoverage([])
    growing.add(['a'])
    expect(growing.explains(['a', 'b'])).toBe(true)
  })

  it('explain everything when one is about the whole', () => {
    expect(createErrorCoverage([[]]).explains(['a', 0])).toBe(true)
  })
})
