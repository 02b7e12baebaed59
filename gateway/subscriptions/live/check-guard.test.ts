import { describe, expect, it } from '@jest/globals'
import { GraphQLError, type ExecutionResult } from 'graphql'
import { AppError } from '../../../platform/errors/app-error.js'
import { checkGuard } from './check-guard.js'

const coded = (code: string) => new GraphQLError('Because.', { extensions: { code } })
const refusalOf = (answer: ExecutionResult): Promise<unknown> =>
  checkGuard('{ parcel }', { id: 1 }, async () => answer).then(
    () => null,
    (error: unknown) => (error instanceof AppError ? error.code : 'not an AppError'),
  )

describe('a guard', () => {
  it('lets in whoever is answered, and asks with the arguments', async () => {
    const asked: unknown[] = []
    await checkGuard('{ parcel }', { id: 1 }, async (...question) => {
      asked.push(question)
      return { data: { parcel: { id: 1 } } }
    })
    expect(asked).toEqual([['{ parcel }', { id: 1 }]])
  })

  it('answers a thing that is not there, or not the caller’s, alike', async () => {
    for (const answer of [{ data: { parcel: null } }, { data: null }, {}]) {
      expect(await refusalOf(answer)).toBe('RES_NOT_FOUND')
    }
  })

  it('refuses with the code of whoever refused it', async () => {
    const errors = [coded('AUTHZ_RESOURCE_OWNERSHIP')]
    expect(await refusalOf({ data: { parcel: null }, errors })).toBe('AUTHZ_RESOURCE_OWNERSHIP')
  })

  it('is masked where it is broken itself', async () => {
    expect(await refusalOf({ errors: [coded('GRAPHQL_VALIDATION_FAILED')] })).toBe('INT_INTERNAL_ERROR')
  })
})
