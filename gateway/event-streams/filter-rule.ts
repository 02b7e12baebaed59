import { z } from 'zod'

/** A condition on an event's payload, its values still templates. */
export type FilterRule =
  | { readonly kind: 'in'; readonly path: readonly string[]; readonly values: readonly string[] }
  | { readonly kind: 'all' | 'any'; readonly of: readonly FilterRule[] }
  | { readonly kind: 'not'; readonly of: FilterRule }

interface FilterInput {
  readonly field?: string | null | undefined
  readonly in?: readonly string[] | null | undefined
  readonly AND?: readonly FilterInput[] | null | undefined
  readonly OR?: readonly FilterInput[] | null | undefined
  readonly NOT?: FilterInput | null | undefined
}

const input: z.ZodType<FilterInput> = z.lazy(() =>
  z
    .strictObject({
      field: z.string().min(1).nullish(),
      in: z.array(z.string()).nullish(),
      AND: z.array(input).min(1).nullish(),
      OR: z.array(input).min(1).nullish(),
      NOT: input.nullish(),
    })
    .refine((filter) => isGiven(filter.field) === isGiven(filter.in), '`field` and `in` belong together')
    .refine((filter) => Object.values(filter).some(isGiven), 'an empty filter says nothing'),
)

function isGiven<Part>(part: Part | null | undefined): part is Part {
  return part !== null && part !== undefined
}

/** `eventStream__Filter` of the SDL; see `schema/events/directives.graphql`. */
export const filterRule: z.ZodType<FilterRule> = input.transform(toRule)

function toRule({ field, in: values, AND, OR, NOT }: FilterInput): FilterRule {
  const parts: FilterRule[] = []
  if (isGiven(field) && isGiven(values)) parts.push({ kind: 'in', path: field.split('.'), values })
  if (isGiven(AND)) parts.push({ kind: 'all', of: AND.map(toRule) })
  if (isGiven(OR)) parts.push({ kind: 'any', of: OR.map(toRule) })
  if (isGiven(NOT)) parts.push({ kind: 'not', of: toRule(NOT) })
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : { kind: 'all', of: parts }
}

/** Every `in` of a filter, however deep. */
export function conditionsOf(rule: FilterRule): Extract<FilterRule, { kind: 'in' }>[] {
  if (rule.kind === 'in') return [rule]
  return rule.kind === 'not' ? conditionsOf(rule.of) : rule.of.flatMap(conditionsOf)
}
