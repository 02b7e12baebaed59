import { describe, expect, it } from '@jest/globals'
import { createFaceSource } from '../../../tests/support/synthetic-faces.js'
import { AppError } from '../../../platform/errors/app-error.js'
import { assessEmbedding } from './embedding-quality.js'
import { requireQuality } from './quality.js'

const sample = () => createFaceSource(5).person().sample()

describe('the quality of an embedding', () => {
  it('is high for what a working model makes', () => {
    const faces = createFaceSource(6)
    const scores = Array.from({ length: 100 }, () => assessEmbedding(faces.person().sample()).score)
    expect(Math.min(...scores)).toBeGreaterThan(65)
    expect(Math.max(...scores)).toBe(100)
  })

  it('does not depend on the length of a vector, from 1 on', () => {
    const { score } = assessEmbedding(sample())
    expect(assessEmbedding(sample().map((number) => number * 23)).score).toBe(score)
    expect(assessEmbedding(sample().map((number) => number * 1e5)).score).toBe(score)
  })

  it('falls with the strength of the signal', () => {
    expect(assessEmbedding(sample().map((number) => number * 0.5)).score).toBe(50)
    expect(assessEmbedding(sample().map((number) => number * 0.01)).score).toBe(1)
  })

  it('falls when a few components hold everything', () => {
    expect(assessEmbedding(sample().map((number, index) => (index < 17 ? number * 100 : number))).score).toBeLessThan(
      20,
    )
    expect(assessEmbedding(sample().map((_, index) => (index === 7 ? 1 : 0))).score).toBeLessThan(2)
  })

  it('falls when components repeat', () => {
    expect(assessEmbedding(sample().map(() => 0.2)).score).toBe(0)
    expect(assessEmbedding(sample().map((number, index) => (index % 4 === 0 ? number * 9 : 0))).score).toBe(25)
  })

  it('is refused below the minimum, with what to do about each reason', () => {
    const quality = assessEmbedding(sample().map((_, index) => (index === 7 ? 0.2 : 0)))
    expect(() => requireQuality(quality, 0, 'input.embedding')).not.toThrow()
    expect.assertions(4)
    try {
      requireQuality(quality, 40, 'input.embedding')
    } catch (error) {
      expect(error).toBeInstanceOf(AppError)
      expect(error).toMatchObject({ code: 'VAL_VALIDATION_FAILED', message: expect.stringMatching(/40 is needed/) })
      expect(error).toMatchObject({ details: Array(3).fill({ field: 'input.embedding', reason: expect.any(String) }) })
    }
  })
})
