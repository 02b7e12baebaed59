import { z } from 'zod'
import { errorsOf, type GraphqlErrors } from '../graphql-request-error.js'

/** What a stream yields for an event. */
export interface LiveResult<Data> {
  /** Null where an error took everything with it. */
  readonly data: Data | null
  /** Of fields that could not be had for this event; the stream goes on. Usually none. */
  readonly errors: GraphqlErrors
  /** Where the stream goes on from, in this process or another: `subscribe(..., { cursor })`. Null where it can't. */
  readonly cursor: string | null
  /** Events were left out right before this one: so many, or null where nobody knows (then some may also have come twice). Null where none were. */
  readonly gap: { readonly missed: number | null } | null
}

const wireResult = z.object({
  data: z.unknown().optional(),
  errors: z.unknown().optional(),
  extensions: z
    .object({ cursor: z.string().optional(), gap: z.object({ missed: z.number().nullable() }).optional() })
    .nullish(),
})

/** Reads an answer from the wire. Its data is typed by the document, which was checked against the same schema. */
export function readLiveResult<Data>(answer: unknown): LiveResult<Data> {
  const { data, errors, extensions } = wireResult.parse(answer)
  return {
    data: (data ?? null) as Data | null,
    errors: errorsOf({ errors }),
    cursor: extensions?.cursor ?? null,
    gap: extensions?.gap ?? null,
  }
}
