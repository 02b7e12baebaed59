import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type Directive,
  type Schema,
} from '@apollo/federation-internals'
import { z } from 'zod'

/** `@listSize` of a field. */
export interface ListSize {
  readonly assumedSize: number | null
  /** Arguments that say how many come. */
  readonly slicingArguments: readonly string[]
  /** Fields below that the size is of; empty: it is the field's own. */
  readonly sizedFields: readonly string[]
  readonly requireOneSlicingArgument: boolean
}

/** `@cost` and `@listSize` of a supergraph. Weights are null where none is given. */
export interface CostRules {
  typeWeight(typeName: string): number | null
  fieldWeight(typeName: string, fieldName: string): number | null
  argumentWeight(typeName: string, fieldName: string, argumentName: string): number | null
  inputFieldWeight(typeName: string, fieldName: string): number | null
  listSize(typeName: string, fieldName: string): ListSize | null
}

const weightSchema = z.object({ weight: z.coerce.number() }).transform(({ weight }) => weight)
const listSizeSchema = z.object({
  assumedSize: z
    .number()
    .int()
    .nullish()
    .transform((size) => size ?? null),
  slicingArguments: z
    .array(z.string())
    .nullish()
    .transform((names) => names ?? []),
  sizedFields: z
    .array(z.string())
    .nullish()
    .transform((names) => names ?? []),
  requireOneSlicingArgument: z
    .boolean()
    .nullish()
    .transform((isRequired) => isRequired ?? true),
})

type Weighed = { readonly appliedDirectives: readonly Directive[] } | undefined

/** https://specs.apollo.dev/cost/v0.1, after https://ibm.github.io/graphql-specs/cost-spec.html. Throws where an argument makes no sense. */
export function readCostRules(schema: Schema): CostRules {
  const cost = nameInSchema(schema, 'cost')
  const listSize = nameInSchema(schema, 'listSize')
  const known = new Map<string, unknown>()
  /** Reads each element once: costs are computed over and over. */
  const once = <T>(key: string, read: () => T): T => {
    if (!known.has(key)) known.set(key, read())
    return known.get(key) as T
  }
  const applied = (element: Weighed, name: string | null): unknown =>
    name === null ? undefined : element?.appliedDirectives.find((directive) => directive.name === name)?.arguments(true)
  const weight = (element: Weighed): number | null => {
    const found = applied(element, cost)
    return found === undefined ? null : weightSchema.parse(found)
  }
  const field = (typeName: string, fieldName: string) => {
    const type = schema.type(typeName)
    return type !== undefined && (isObjectType(type) || isInterfaceType(type)) ? type.field(fieldName) : undefined
  }
  return {
    typeWeight: (type) => once(type, () => weight(schema.type(type))),
    fieldWeight: (type, name) => once(`${type}.${name}`, () => weight(field(type, name))),
    argumentWeight: (type, name, argument) =>
      once(`${type}.${name}(${argument}`, () => weight(field(type, name)?.argument(argument))),
    inputFieldWeight: (typeName, name) =>
      once(`${typeName}:${name}`, () => {
        const type = schema.type(typeName)
        return weight(type !== undefined && isInputObjectType(type) ? type.field(name) : undefined)
      }),
    listSize: (type, name) =>
      once(`${type}.${name}[`, () => {
        const found = applied(field(type, name), listSize)
        return found === undefined ? null : listSizeSchema.parse(found)
      }),
  }
}

function nameInSchema(schema: Schema, directive: string): string | null {
  for (const feature of schema.coreFeatures?.allFeatures() ?? []) {
    if (!feature.url.identity.endsWith('/cost')) continue
    const name = feature.directiveNameInSchema(directive)
    if (schema.directive(name) !== undefined) return name
  }
  return null
}
