import { z } from 'zod'

const graphqlErrors = z.array(
  z.object({
    message: z.string(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
    extensions: z.record(z.string(), z.unknown()).optional(),
  }),
)

export type GraphqlErrors = z.output<typeof graphqlErrors>

/** The answer carried `errors`. `code` is the first error's, a code of docs/errors.md; `errors` holds them all. */
export class GraphqlRequestError extends Error {
  readonly errors: GraphqlErrors
  readonly code: string | undefined

  constructor(errors: GraphqlErrors) {
    const first = errors[0]
    super(first?.message ?? 'The answer had neither data nor errors.')
    this.name = 'GraphqlRequestError'
    this.errors = errors
    const code = first?.extensions?.['code']
    this.code = typeof code === 'string' ? code : undefined
  }
}

/** The errors of an answer, checked; an empty list when it has none. */
export function errorsOf(answer: { readonly errors?: unknown }): GraphqlErrors {
  return answer.errors === undefined || answer.errors === null ? [] : graphqlErrors.parse(answer.errors)
}
