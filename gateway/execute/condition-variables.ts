import { Kind, visit } from 'graphql'
import type { Operation } from '../operation/operation.js'

/** The variables that decide over `@skip` and `@include`, sorted. */
export function conditionVariables({ definition, fragments }: Operation): string[] {
  const names = new Set<string>()
  for (const node of [definition, ...fragments.values()]) {
    visit(node, {
      Directive(directive) {
        if (directive.name.value !== 'skip' && directive.name.value !== 'include') return
        for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      },
    })
  }
  return [...names].sort()
}
