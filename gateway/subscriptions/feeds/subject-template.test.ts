import { describe, expect, it } from '@jest/globals'
import type { Principal } from '../../../platform/identity/principal.js'
import { evaluateSubject } from './subject-template.js'

const principal: Principal = {
  userId: 'u1',
  sessionId: 's1',
  roles: [],
  permissions: new Set(),
  expiresAtSeconds: 0,
  claims: { sub: 'u1', tenant: 7, wide: '>', object: {}, nothing: null },
}

const subjectOf = (template: string, args: Record<string, unknown> = {}, who: Principal | null = principal) =>
  evaluateSubject(template, { args, principal: who })

describe('a subject template', () => {
  it('puts arguments and claims each into one token', () => {
    expect(subjectOf('progress.{claims.sub}.{args.id}.t{claims.tenant}', { id: '0f-9A_' })).toBe(
      'progress.u1.0f-9A_.t7',
    )
  })

  it('takes the ids that are in use: UUID, base64 and prefixed ones', () => {
    for (const id of ['5b1c2f0e-8f4f-4a57-9f0b-0c7c1f1f2a11', 'VXNlcjox+/==', 'user:1', 'a'.repeat(128)]) {
      expect(subjectOf('x.{args.id}', { id })).toBe(`x.${id}`)
    }
  })

  it.each([
    ['everything below', '>'],
    ['any token', '*'],
    ['a further token', 'a.b'],
    ['a dot alone', '.'],
    ['nothing', ''],
    ['a space', 'a b'],
    ['a line break', 'a\r\nPUB x 0'],
    ['a trailing line break', 'a\n'],
    ['a null character', 'a\u0000'],
    ['a system subject', '$SYS'],
    ['a placeholder of its own', '{claims.sub}'],
    ['a look-alike dot', 'a\u2024b'],
    ['an invisible character', 'a\u200b'],
    ['too much', 'a'.repeat(129)],
    ['null', null],
    ['a list', ['a']],
    ['an object', { toString: () => 'a' }],
    ['a fraction, which has a dot', 1.5],
  ])('refuses %s as an argument', (_what, id) => {
    expect(() => subjectOf('progress.{args.id}', { id })).toThrow(
      expect.objectContaining({ code: 'VAL_INVALID_FORMAT', details: [expect.objectContaining({ field: 'id' })] }),
    )
  })

  it('refuses an argument that was not given, and one that only the prototype has', () => {
    expect(() => subjectOf('progress.{args.id}')).toThrow(expect.objectContaining({ code: 'VAL_INVALID_FORMAT' }))
    expect(() => subjectOf('progress.{args.constructor}')).toThrow(
      expect.objectContaining({ code: 'VAL_INVALID_FORMAT' }),
    )
  })

  it('asks for a token where a claim is missing', () => {
    for (const [claim, who] of [
      ['sub', null],
      ['email', principal],
      ['nothing', principal],
      ['toString', principal],
    ] as const) {
      expect(() => subjectOf(`x.{claims.${claim}}`, {}, who)).toThrow(
        expect.objectContaining({ code: 'AUTH_TOKEN_INVALID' }),
      )
    }
  })

  it('refuses a claim that would widen it', () => {
    for (const claim of ['wide', 'object']) {
      expect(() => subjectOf(`x.{claims.${claim}}`)).toThrow(expect.objectContaining({ code: 'VAL_INVALID_FORMAT' }))
    }
  })

  it('never repeats the refused value', () => {
    const refused = () => subjectOf('x.{args.id}', { id: 'secret value' })
    expect(refused).toThrow()
    try {
      refused()
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('secret')
    }
  })
})
