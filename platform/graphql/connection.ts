import type { z } from 'zod'
import { AppError } from '../errors/app-error.js'

/** Relay cursor connections: https://relay.dev/graphql/connections.htm, forward only. */
export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const DEFAULT_PAGE = 10
const MAXIMUM_PAGE = 100 // a page is one database read; above this a client should go on with the cursor

/** The page size asked for, 10 unless given. Throws VAL_VALIDATION_FAILED outside 1..100. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE
  if (size >= 1 && size <= MAXIMUM_PAGE) return size
  throw new AppError('VAL_VALIDATION_FAILED', {
    details: [{ field: 'first', reason: `must be from 1 to ${MAXIMUM_PAGE}` }],
  })
}

/** An opaque cursor around the sort key of a row: JSON in base64url. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The sort key of a cursor, checked against its schema. Throws VAL_INVALID_FORMAT for anything this API did not hand out. */
export function decodeCursor<Key>(cursor: string, schema: z.ZodType<Key>): Key {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch (cause) {
    throw new AppError('VAL_INVALID_FORMAT', {
      cause,
      details: [{ field: 'after', reason: 'is not a cursor of this list' }],
    })
  }
}

/** A connection from up to `size + 1` rows: the extra row only tells that there is a next page. */
export function toConnection<Node>(
  rows: readonly Node[],
  size: number,
  keyOf: (node: Node) => readonly (string | number)[],
): Connection<Node> {
  const edges = rows.slice(0, size).map((node) => ({ cursor: encodeCursor(keyOf(node)), node }))
  return { edges, pageInfo: { hasNextPage: rows.length > size, endCursor: edges.at(-1)?.cursor ?? null } }
}
