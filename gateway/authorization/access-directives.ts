import type { Directive, Schema, SchemaElement } from '@apollo/federation-internals'
import { z } from 'zod'
import type { Requirement } from './requirement.js'

/** The directives this room knows, under the names a supergraph has them by. */
export interface AccessDirectives {
  /** What is applied to one element, in the order of the file. Throws where an argument makes no sense. */
  requirementsOn(element: AnyElement): readonly Requirement[]
  isSensitive(element: AnyElement): boolean
  /** The levels of sign-in that are asked for anywhere (`@requiresAcr`), each once. */
  readonly acrLevels: readonly string[]
  /** Of those that ask something of a caller, the ones that are applied anywhere, as the supergraph calls them. */
  readonly applied: readonly string[]
}

type AnyElement = SchemaElement<never, never> | { readonly appliedDirectives: readonly Directive[] }

const lists = z.array(z.array(z.string()))
const scopesSchema = z.object({ scopes: lists }).transform(({ scopes }) => scopes)
const policiesSchema = z.object({ policies: lists }).transform(({ policies }) => policies)
const acrSchema = z.object({ acr: z.string().min(1), maxAgeSeconds: z.number().int().min(0).nullish() })

const KNOWN = ['authenticated', 'requiresScopes', 'policy', 'requiresAcr', 'sensitive'] as const
type Known = (typeof KNOWN)[number]

/** Null for a supergraph that has none of them. Imports may have renamed them: features are told by their addresses. */
export function readAccessDirectives(schema: Schema): AccessDirectives | null {
  const kinds = new Map<string, Known>()
  for (const kind of KNOWN) {
    const name = nameInSchema(schema, kind)
    if (name !== null) kinds.set(name, kind)
  }
  if (kinds.size === 0) return null
  return {
    acrLevels: [
      ...new Set([...kinds].flatMap(([name, kind]) => (kind === 'requiresAcr' ? levelsOf(schema, name) : []))),
    ],
    applied: [...kinds].flatMap(([name, kind]) => {
      const isApplied = kind !== 'sensitive' && (schema.directive(name)?.applications().size ?? 0) > 0
      return isApplied ? [`@${name}`] : []
    }),
    requirementsOn: (element) =>
      element.appliedDirectives.flatMap((applied) => {
        const kind = kinds.get(applied.name)
        return kind === undefined ? [] : readRequirement(kind, applied)
      }),
    isSensitive: (element) => element.appliedDirectives.some((applied) => kinds.get(applied.name) === 'sensitive'),
  }
}

function levelsOf(schema: Schema, directiveName: string): string[] {
  const applications = schema.directive(directiveName)?.applications() ?? []
  return [...applications].map((applied) => acrSchema.parse(applied.arguments(true)).acr)
}

function nameInSchema(schema: Schema, kind: Known): string | null {
  for (const feature of schema.coreFeatures?.allFeatures() ?? []) {
    if (!feature.url.identity.endsWith(`/${kind}`)) continue
    const name = feature.directiveNameInSchema(kind)
    if (schema.directive(name) !== undefined) return name
  }
  return null
}

function readRequirement(kind: Known, applied: Directive): Requirement[] {
  const args: unknown = applied.arguments(true)
  switch (kind) {
    case 'authenticated':
      return [{ kind: 'authenticated' }]
    case 'requiresScopes':
      return [{ kind: 'scopes', anyOf: scopesSchema.parse(args) }]
    case 'policy':
      return [{ kind: 'policies', anyOf: policiesSchema.parse(args) }]
    case 'requiresAcr': {
      const { acr, maxAgeSeconds = null } = acrSchema.parse(args)
      return [{ kind: 'acr', acr, maxAgeSeconds }]
    }
    case 'sensitive':
      return []
  }
}
