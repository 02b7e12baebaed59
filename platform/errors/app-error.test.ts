import { describe, expect, it } from '@jest/globals'
import { AppError } from './app-error.js'
import { errorCodes, isErrorCode } from './error-codes.js'

describe('AppError', () => {
  it('tells a client what to do next, with the message of its code', () => {
    expect(new AppError('AUTH_TOKEN_EXPIRED').message).toBe('The access token has expired: refresh it and try again.')
  })

  it('keeps its cause apart from what a client reads', () => {
    const error = new AppError('INT_DATABASE_ERROR', { cause: new Error('connect ECONNREFUSED 10.0.0.7:5432') })
    expect(error.message).not.toContain('10.0.0.7')
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe('error codes', () => {
  it('are a closed list', () => {
    expect(isErrorCode('RES_NOT_FOUND')).toBe(true)
    expect(isErrorCode('ECONNREFUSED')).toBe(false)
    expect(isErrorCode('constructor')).toBe(false)
  })

  it('give every client a sentence that ends and a status that fails', () => {
    for (const entry of Object.values(errorCodes)) {
      expect(entry.message).toMatch(/\.$/)
      expect(entry.status).toBeGreaterThanOrEqual(400)
    }
  })
})
