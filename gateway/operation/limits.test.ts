import { describe, expect, it } from '@jest/globals'
import { buildSchema, GraphQLError, parse } from 'graphql'
import { OperationRefused } from '../gateway-error.js'
import { defaultDocumentLimits } from './default-limits.js'
import { createDocumentStore, type DocumentLimits } from './document-store.js'
import { checkSource } from './source-limits.js'

const schema = buildSchema(
  'type Query { me: User, say(text: String, list: [Int]): String } type User { id: ID, friend: User }',
)

function refusalOf(query: string, limits: Partial<DocumentLimits> = {}) {
  try {
    createDocumentStore(schema, { ...defaultDocumentLimits, ...limits }).read(query)
    return null
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error
    return error.errors.map(({ message, extensions }) => `${String(extensions['code'])} ${message}`).join()
  }
}

/** Twenty fragments of two spreads each: a million fields. */
const bomb = `{ ...F0 } ${Array.from({ length: 20 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(' ')} fragment F20 on Query { __typename }`

describe('the limits of a document', () => {
  it.each<[string, string, Partial<DocumentLimits>, string]>([
    ['depth', '{ me { friend { id } } }', { maxDepth: 2 }, 'nested deeper than 2 fields'],
    [
      'depth through fragments',
      '{ me { ...A } } fragment A on User { friend { id } }',
      { maxDepth: 2 },
      'nested deeper',
    ],
    ['aliases', '{ a: me { b: id } }', { maxAliases: 1 }, 'more than 1 aliases'],
    [
      'fields at the root',
      '{ me { id } ...A } fragment A on Query { say }',
      { maxRootFields: 1 },
      '1 fields at its root',
    ],
    ['fields', bomb, { maxRootFields: 2e6 }, 'more than 5000 fields'],
    ['repetitions', '{ me { id id id } }', { maxDuplicates: 1 }, 'repeats fields more than 1 times'],
    ['directives', '{ me @skip(if: true) { id @include(if: true) } }', { maxDirectives: 1 }, 'more than 1 directives'],
    [
      'fragments',
      '{ ...A ...B } fragment A on Query { say } fragment B on Query { say }',
      { maxFragments: 1 },
      '1 fragments',
    ],
  ])('hold for %s', (_what, query, limits, message) => {
    const refusal = refusalOf(query, limits)
    expect(refusal).toMatch(/^GRAPHQL_VALIDATION_FAILED /)
    expect(refusal).toContain(message)
    expect(
      refusalOf(query, {
        ...limits,
        maxDepth: 3,
        maxAliases: 2,
        maxRootFields: 2e6,
        maxFields: 2e6,
        maxDuplicates: 2,
        maxDirectives: 2,
        maxFragments: 21,
      }),
    ).toBeNull()
  })

  it('end with fragments that spread each other', () => {
    expect(refusalOf('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')).toContain('Cannot spread')
  })

  it('cap the faults that are looked for', () => {
    const refusal = refusalOf(`{ ${Array.from({ length: 40 }, (_, n) => `x${n}`).join(' ')} }`, {
      maxValidationErrors: 3,
    })
    expect(refusal?.split('GRAPHQL_VALIDATION_FAILED')).toHaveLength(1 + 3 + 1)
  })
})

describe('the limits of a text', () => {
  const limits = { maxTokens: 10, maxNesting: 3 }

  it.each(['{', '[', '('])('count %s within each other, before anything is parsed', (bracket) => {
    expect(() => checkSource(`${bracket.repeat(3)}`, limits)).not.toThrow()
    expect(() => checkSource(`${bracket.repeat(4)}`, limits)).toThrow('nested deeper than 3')
    expect(refusalOf(`{ me ${bracket.repeat(100_000)}`, { maxTokens: 1e6 })).toMatch(/^GRAPHQL_PARSE_FAILED .*nested/)
  })

  it.each([
    ['{ a, b ... c @d(e: -1.5e+3) }', 13],
    ['"{ { { { \\" { {" """ { { { { \\""" { { """ # { { { {', 2],
    ['\uFEFF"open { \n {', 2],
    ['"""open { { { {', 1],
    ['"\\', 1],
    ['~ ? 日', 3],
  ])('count the tokens of %j as the lexer does', (text, tokens) => {
    expect(() => checkSource(text, { ...limits, maxTokens: tokens })).not.toThrow()
    expect(() => checkSource(text, { ...limits, maxTokens: tokens - 1 })).toThrow(`more than ${tokens - 1} tokens`)
  })

  it.each(['{ say(text: "', '{ say(text: "a \\" b', '{ me }\n"x'])(
    'tell that %j ends within a string as the parser does, without asking it',
    (text) => {
      const told = (tell: () => unknown): unknown => {
        try {
          return tell()
        } catch (error) {
          const [first] = error instanceof OperationRefused ? error.errors : [error]
          return first instanceof GraphQLError ? { message: first.message, locations: first.locations } : error
        }
      }
      const refusal = told(() => checkSource(text, defaultDocumentLimits))
      expect(refusal).toEqual(told(() => parse(text)))
      expect(refusal).toMatchObject({ message: 'Syntax Error: Unterminated string.' })
    },
  )
})
