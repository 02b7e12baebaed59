import { describe, expect, it } from '@jest/globals'
import { normalisePassword, refuseWeakPassword } from './password-policy.js'

const personal = ['maria.schmidt@example.com', 'Maria Schmidt']
const judge = (password: string) => () => refuseWeakPassword(normalisePassword(password), personal)
const refused = (reason: RegExp) =>
  expect.objectContaining({
    code: 'VAL_VALIDATION_FAILED',
    details: [{ field: 'input.password', reason: expect.stringMatching(reason) }],
  })

describe('the password policy', () => {
  it.each([
    'winding gravel teapot',
    'Kf7!qZp2vX9#',
    'sieben Katzen und ein Dachs',
    'dragon-kettle-91-violet', // a common word among words of one's own
    'тихий берег у реки',
  ])('takes %j', (password) => {
    expect(judge(password)).not.toThrow()
  })

  it.each([
    'Password1234',
    'P@$$w0rd2026!',
    'letmein-letmein',
    'iloveyou123456',
    '!!!welcome!!!2026',
    'summer-sunshine-7',
    'PasswordPassword',
  ])('refuses %j as one that is tried first', (password) => {
    expect(judge(password)).toThrow(refused(/tried first/))
  })

  it.each(['123456789012', 'abcdefghijkl', 'qwertyuiopasdf', '987654321098', '1qaz2wsx3edc', 'abcdef123456'])(
    'refuses %j as letters in a row',
    (password) => {
      expect(judge(password)).toThrow(refused(/row of keys/))
    },
  )

  it.each(['aaaaaaaaaaaa', 'ababababababab', '112211221122'])('refuses %j as a few characters repeated', (password) => {
    expect(judge(password)).toThrow(refused(/repeat/))
  })

  it.each(['MariaSchmidt1990', 'maria.schmidt@example.com', 'schmidt-example!', 'M4riaSchm1dt'])(
    'refuses %j as made of address and name',
    (password) => {
      expect(judge(password)).toThrow(refused(/address or the name/))
    },
  )

  it('judges a password as it looks, not as it is encoded', () => {
    expect(normalisePassword('pa\u0301ssphra\uFB01e')).toBe('p\u00e1ssphrafie')
  })

  it('tells the reason without the password', () => {
    const thrown: unknown = (() => {
      try {
        judge('Password1234')()
        return undefined
      } catch (error) {
        return error
      }
    })()
    expect(JSON.stringify(thrown)).not.toContain('Password1234')
  })
})
