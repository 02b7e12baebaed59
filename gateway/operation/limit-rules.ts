import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'

export interface SelectionLimits {
  /** Fields within fields. Introspection does not count. */
  readonly maxDepth: number
  /** Aliases in a document: the lever by which one field is asked for many times. */
  readonly maxAliases: number
}

/** Validation rules for what a valid document may still not do. */
export function createLimitRules(limits: SelectionLimits): ValidationRule[] {
  return [depthRule(limits.maxDepth), aliasRule(limits.maxAliases)]
}

function depthRule(maxDepth: number): ValidationRule {
  return (context): ASTVisitor => {
    const fragmentDepths = new Map<string, number>() // each fragment once, however often it is spread
    return {
      OperationDefinition(node) {
        if (depthOf(node.selectionSet, context, fragmentDepths) <= maxDepth) return
        context.reportError(
          new GraphQLError(`The operation is nested deeper than ${maxDepth} fields.`, { nodes: node }),
        )
      },
    }
  }
}

function depthOf(
  selectionSet: SelectionSetNode,
  context: ValidationContext,
  fragmentDepths: Map<string, number>,
): number {
  let deepest = 0
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = context.getFragment(selection.name.value)
      if (fragment) deepest = Math.max(deepest, fragmentDepth(fragment, context, fragmentDepths))
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      deepest = Math.max(deepest, depthOf(selection.selectionSet, context, fragmentDepths))
    } else if (!selection.name.value.startsWith('__')) {
      const below = selection.selectionSet ? depthOf(selection.selectionSet, context, fragmentDepths) : 0
      deepest = Math.max(deepest, 1 + below)
    }
  }
  return deepest
}

function fragmentDepth(
  fragment: FragmentDefinitionNode,
  context: ValidationContext,
  depths: Map<string, number>,
): number {
  const name = fragment.name.value
  const known = depths.get(name)
  if (known !== undefined) return known
  depths.set(name, 0) // a cycle is another rule's to report: here it must only end
  const depth = depthOf(fragment.selectionSet, context, depths)
  depths.set(name, depth)
  return depth
}

function aliasRule(maxAliases: number): ValidationRule {
  return (context): ASTVisitor => {
    let aliases = 0
    return {
      Field(node) {
        if (node.alias === undefined) return
        if (node.alias.value === '__proto__') {
          context.reportError(new GraphQLError('The alias "__proto__" is not allowed.', { nodes: node }))
        }
        aliases += 1
        if (aliases === maxAliases + 1) {
          context.reportError(new GraphQLError(`The document has more than ${maxAliases} aliases.`, { nodes: node }))
        }
      },
    }
  }
}
