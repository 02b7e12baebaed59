import { describe, expect, it } from '@jest/globals'
import { excerptOf } from './excerpt.js'

describe('an excerpt', () => {
  it('is a short text itself, on one line', () => {
    expect(excerptOf('  One.\n\n Two.\t')).toBe('One. Two.')
  })

  it('ends after a whole word', () => {
    const excerpt = excerptOf('weaving, '.repeat(60))
    expect(excerpt).toMatch(/^(weaving, )+weaving…$/)
    expect(excerpt.length).toBeLessThanOrEqual(200)
  })

  it('of one endless word is cut, never in the middle of a character', () => {
    const excerpt = excerptOf('a'.repeat(198) + '𝒜'.repeat(50))
    expect(excerpt).toBe(`${'a'.repeat(198)}…`)
  })

  it('of nothing is nothing', () => {
    expect(excerptOf(' \n ')).toBe('')
  })
})
