import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
  type ASTVisitor,
  type DirectiveNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'

/**
 * What `@defer` must obey beyond its definition: labels are texts of the document and each is used once, and neither the
 * root fields of mutations, which run in order, nor anything of a subscription is deferred.
 * https://github.com/graphql/graphql-spec/blob/incremental-integration/spec/Section%205%20--%20Validation.md
 */
export const deferRules: readonly ValidationRule[] = [labelRule, rootFieldRule, operationRule]

function labelRule(context: ValidationContext): ASTVisitor {
  const labels = new Set<string>()
  return {
    Directive(node) {
      if (node.name.value !== 'defer') return
      const label = argumentOf(node, 'label')
      if (label === undefined || label.kind === Kind.NULL) return
      if (label.kind !== Kind.STRING) {
        context.reportError(new GraphQLError("A @defer directive's label must be a text.", { nodes: node }))
      } else if (labels.has(label.value)) {
        context.reportError(new GraphQLError("A @defer directive's label must be unique.", { nodes: node }))
      } else {
        labels.add(label.value)
      }
    },
  }
}

function rootFieldRule(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      const parent = context.getParentType()
      if (node.name.value !== 'defer' || !parent || parent !== context.getSchema().getMutationType()) return
      context.reportError(
        new GraphQLError(`@defer can't be used on the root mutation type ${parent.name}.`, { nodes: node }),
      )
    },
  }
}

function operationRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return
      const report = (node: DirectiveNode): void => {
        if (node.name.value !== 'defer' || isSwitched(node)) return
        context.reportError(new GraphQLError('@defer is not supported on subscriptions.', { nodes: node }))
      }
      for (const node of [operation, ...context.getRecursivelyReferencedFragments(operation)]) {
        visit(node, { Directive: report })
      }
    },
  }
}

/** By a constant false or by a variable, which is then taken for false. */
function isSwitched(node: DirectiveNode): boolean {
  const condition = argumentOf(node, 'if')
  return condition?.kind === Kind.VARIABLE || (condition?.kind === Kind.BOOLEAN && !condition.value)
}

function argumentOf(node: DirectiveNode, name: string) {
  return node.arguments?.find((argument) => argument.name.value === name)?.value
}
