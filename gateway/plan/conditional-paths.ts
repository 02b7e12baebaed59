import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner'
import { Kind, parse, type SelectionSetNode } from 'graphql'

/** Whether a field of objects of a type at a path, or what is above it, is there or not by `@skip` and `@include` of the client. */
export type IsConditional = (path: readonly (string | number)[], typeName: string, below: readonly string[]) => boolean

/**
 * What a plan fetches under conditions. The planner keeps a condition where it fetches what a field requires and may drop it
 * where it fetches the field.
 */
export function conditionalPaths({ node }: QueryPlan): IsConditional {
  const conditional = new Set<string>()
  const certain = new Set<string>()

  const visitSet = (set: SelectionSetNode | undefined, path: string, typeName: string, isCertain: boolean): void => {
    for (const selection of set?.selections ?? []) {
      const isSure = isCertain && (selection.directives ?? []).length === 0
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value
        const below = `${path}.${name}`
        if (isSure) certain.add(`${path}|${typeName}.${name}`).add(`${path}|*.${name}`)
        else conditional.add(below)
        visitSet(selection.selectionSet, below, '', isSure)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visitSet(selection.selectionSet, path, selection.typeCondition?.name.value ?? typeName, isSure)
      }
    }
  }
  const visitFetch = ({ operation, requires }: FetchNode, path: string, isCertain: boolean): void => {
    for (const definition of parse(operation, { noLocation: true }).definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue
      if (requires === undefined) visitSet(definition.selectionSet, path, '', isCertain)
      else
        for (const root of definition.selectionSet.selections)
          if (root.kind === Kind.FIELD) visitSet(root.selectionSet, path, '', isCertain)
    }
  }
  const visitNode = (one: PlanNode | undefined, path: string, isCertain: boolean): void => {
    switch (one?.kind) {
      case 'Fetch':
        return visitFetch(one, path, isCertain)
      case 'Flatten':
        return visitNode(one.node, `${path}${pathText(one.path)}`, isCertain)
      case 'Sequence':
      case 'Parallel':
        return one.nodes.forEach((child) => visitNode(child, path, isCertain))
      case 'Condition':
        return [one.ifClause, one.elseClause].forEach((child) => visitNode(child, path, false))
      case 'Defer':
        return [one.primary, ...one.deferred].forEach((part) => visitNode(part.node, path, isCertain))
    }
  }
  if (node?.kind === 'Subscription') {
    visitFetch(node.primary, '', true)
    visitNode(node.rest, '', true)
  } else visitNode(node, '', true)
  if (conditional.size === 0) return () => false
  return (path, typeName, below) => {
    let above = pathText(path)
    return below.some((name, depth) => {
      const types = depth === 0 ? [typeName, ''] : ['*'] // further down only the fields are known
      const isSure = types.some((type) => certain.has(`${above}|${type}.${name}`))
      above = `${above}.${name}`
      return !isSure && conditional.has(above)
    })
  }
}

/** Without lists and type conditions. */
function pathText(path: readonly (string | number)[]): string {
  return path
    .flatMap((element) => {
      const name = String(element).replace(/\|\[.*$/s, '')
      return name === '@' || name === '' ? [] : [`.${name}`]
    })
    .join('')
}
