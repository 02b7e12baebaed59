import { Kind, visit } from 'graphql'
import type { Operation } from '../operation/operation.js'

/** The variables that decide over `@skip` and `@include`, or over the directives given, sorted. */
export function conditionVariables(
  { definition, fragments }: Operation,
  directives: readonly string[] = ['skip', 'include'],
): string[] {
  const names = new Set<string>()
  for (const node of [definition, ...fragments.values()]) {
    visit(node, {
      Directive(directive) {
        if (!directives.includes(directive.name.value)) return
        for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      },
    })
  }
  return [...names].sort()
}
