import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { z } from 'zod'

const instant = z.iso.datetime({ offset: true })

/** `DateTime`: a Date inside, ISO 8601 in UTC with milliseconds (RFC 3339) outside. */
export const dateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize(value) {
    if (value instanceof Date) return value.toISOString()
    throw new TypeError('DateTime can only serialise a Date.')
  },
  parseValue: parseInstant,
  parseLiteral(node) {
    return parseInstant(node.kind === Kind.STRING ? node.value : undefined)
  },
})

function parseInstant(value: unknown): Date {
  const parsed = instant.safeParse(value)
  if (parsed.success) return new Date(parsed.data)
  throw new GraphQLError('DateTime must be text in ISO 8601 with a time zone, e.g. 2026-02-01T12:00:00Z.')
}
