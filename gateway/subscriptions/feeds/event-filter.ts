import { AppError } from '../../../platform/errors/app-error.js'
import type { FilterRule } from '../../event-streams/filter-rule.js'
import { fillTemplate, solePlaceholder, type Placeholder } from '../../event-streams/placeholders.js'
import { payloadValues, textOf } from './payload-values.js'
import { claimOf, type TemplateValues } from './subject-template.js'

/** A filter for one caller with one set of arguments: plain data, so that equal ones can be told to be equal. */
export type EventFilter =
  | { readonly kind: 'in'; readonly path: readonly string[]; readonly values: readonly string[] }
  | { readonly kind: 'all' | 'any'; readonly of: readonly EventFilter[] }
  | { readonly kind: 'not'; readonly of: EventFilter }

/**
 * Fills in a filter's templates. Null where nothing is left to ask for: arguments that are null or left out take the
 * conditions along that stand on them alone. Throws AUTH_TOKEN_INVALID for a claim that is missing and VAL_INVALID_FORMAT
 * for a value that has no text.
 */
export function fillFilter(rule: FilterRule, values: TemplateValues): EventFilter | null {
  if (rule.kind === 'in') {
    const filled = rule.values.map((template) => textsOf(template, values))
    const left = filled.filter((texts) => texts !== null)
    if (left.length === 0 && filled.length > 0) return null
    return { kind: 'in', path: rule.path, values: left.flat() }
  }
  if (rule.kind === 'not') {
    const of = fillFilter(rule.of, values)
    return of && { kind: 'not', of }
  }
  const of = rule.of.flatMap((part) => fillFilter(part, values) ?? [])
  return of.length === 0 ? null : { kind: rule.kind, of }
}

/** What a template stands for; null where an argument in it is null or left out. */
function textsOf(template: string, values: TemplateValues): string[] | null {
  const sole = solePlaceholder(template)
  if (sole !== null) {
    const value = valueOf(sole, values)
    if (value === undefined || value === null) return null
    return Array.isArray(value)
      ? value.flatMap((item) => (item === null ? [] : mustText(item, sole)))
      : [mustText(value, sole)]
  }
  let absent = false
  const text = fillTemplate(template, (placeholder) => {
    const value = valueOf(placeholder, values)
    absent ||= value === undefined || value === null
    return absent ? '' : mustText(value, placeholder)
  })
  return absent ? null : [text]
}

function valueOf({ from, name }: Placeholder, { args, principal }: TemplateValues): unknown {
  if (from === 'claims') return claimOf(name, principal)
  return Object.hasOwn(args, name) ? args[name] : undefined
}

function mustText(value: unknown, { from, name }: Placeholder): string {
  const text = textOf(value)
  if (text !== null) return text
  const field = from === 'args' ? name : `claims.${name}`
  throw new AppError('VAL_INVALID_FORMAT', { details: [{ field, reason: 'must be text, a number or a boolean' }] })
}

/** A test of payloads, made once a stream. */
export function compileFilter(filter: EventFilter): (payload: unknown) => boolean {
  if (filter.kind === 'not') {
    const refuses = compileFilter(filter.of)
    return (payload) => !refuses(payload)
  }
  if (filter.kind === 'in') {
    const { path, values } = filter
    const wanted = new Set<string | null>(values)
    return (payload) => payloadValues(payload, path).some((value) => wanted.has(textOf(value)))
  }
  const parts = filter.of.map(compileFilter)
  return filter.kind === 'all'
    ? (payload) => parts.every((admits) => admits(payload))
    : (payload) => parts.some((admits) => admits(payload))
}
