/**
 * Which parts of an operation come later. In: an operation with `@defer` and the variables that switch it. Out: the same
 * operation in the form that is planned and shaped: every deferred fragment that counts for this request stands inline
 * under an id of its own, every other `@defer` is gone. It refuses operations with more such parts than a plan can hold.
 */
import {
  getNamedType,
  GraphQLError,
  isInterfaceType,
  isObjectType,
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { deferDirective } from '../operation/deferred-id.js'
import type { Withholding } from '../operation/operation.js'
import { withholdFields } from '../authorization/withhold-fields.js'
import { OperationRefused } from '../gateway-error.js'
import type { Operation } from '../operation/operation.js'

export interface DeferredOperation {
  readonly operation: Operation
  /** By id the client's label, where it gave one. Empty: nothing is deferred. */
  readonly labels: ReadonlyMap<string, string | undefined>
}

const MAXIMUM_PARTS = 50 // planning costs time for each; a page has a handful

interface Rewriting {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly deferring: ReadonlySet<string>
  readonly variables: Readonly<Record<string, unknown>>
  readonly labels: Map<string, string | undefined>
  readonly original: Operation['withheld']
  /** The withheld fields that got new nodes. */
  readonly withheld: Map<FieldNode, Withholding>
}

/** Throws OperationRefused. */
export function readDeferredOperation(
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
  schema: GraphQLSchema,
): DeferredOperation {
  const { definition, fragments } = operation
  const labels = new Map<string, string | undefined>()
  const deferring = deferringFragments(fragments)
  const withheld = new Map<FieldNode, Withholding>()
  const original = operation.withheld
  const rewriting: Rewriting = { schema, fragments, deferring, variables, labels, original, withheld }
  const root = schema.getRootType(definition.operation) ?? null
  const rewritten = {
    ...definition,
    selectionSet: rewriteSet(definition.selectionSet, root, rewriting),
  }
  const kept = new Map([...fragments].filter(([name]) => !deferring.has(name)))
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [rewritten, ...kept.values()] }
  const whole: Operation = { ...operation, document, definition: rewritten, fragments: kept, withheld: null }
  if (operation.withheld === null) return { operation: whole, labels }
  return { operation: withholdFields(whole, new Map([...operation.withheld.fields, ...withheld])), labels }
}

/** The operation as if nothing was deferred. */
export function withoutDefer(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: (node) => (node.name.value === 'defer' ? null : undefined) })
}

/** The fragments with a `@defer` in them or in what they spread: one of them at two places is two parts. */
function deferringFragments(fragments: ReadonlyMap<string, FragmentDefinitionNode>): Set<string> {
  const deferring = new Set<string>()
  let before = -1
  while (deferring.size > before) {
    before = deferring.size
    for (const [name, fragment] of fragments) {
      visit(fragment, {
        Directive: (node) => void (node.name.value === 'defer' && deferring.add(name)),
        FragmentSpread: (node) => void (deferring.has(node.name.value) && deferring.add(name)),
      })
    }
  }
  return deferring
}

/** `parent`: of which type the selections are. */
function rewriteSet(set: SelectionSetNode, parent: KnownType, rewriting: Rewriting): SelectionSetNode {
  return { ...set, selections: set.selections.map((selection) => rewrite(selection, parent, rewriting)) }
}

function rewrite(selection: SelectionNode, parent: KnownType, rewriting: Rewriting): SelectionNode {
  if (selection.kind === Kind.FIELD) {
    if (selection.selectionSet === undefined) return selection
    const selectionSet = rewriteSet(selection.selectionSet, typeBelow(parent, selection.name.value), rewriting)
    const rewritten = { ...selection, selectionSet }
    const withholding = rewriting.original?.fields.get(selection)
    if (withholding !== undefined) rewriting.withheld.set(rewritten, withholding)
    return rewritten
  }
  const directives = rewriteDirectives(selection.directives ?? [], rewriting)
  if (selection.kind === Kind.INLINE_FRAGMENT) return rewriteFragment(selection, directives, parent, rewriting)
  const isDeferred = directives.some((node) => node.name.value === 'defer')
  const fragment = rewriting.fragments.get(selection.name.value)
  if (fragment === undefined || !(isDeferred || rewriting.deferring.has(selection.name.value))) {
    return { ...selection, directives }
  }
  return rewriteFragment(fragment, directives, parent, rewriting)
}

/** Without a condition that says nothing: at `... on Book { ... on Book @defer { pages } }` the planner goes round for ever. */
function rewriteFragment(
  { typeCondition, selectionSet }: Pick<InlineFragmentNode, 'typeCondition' | 'selectionSet'>,
  directives: readonly DirectiveNode[],
  parent: KnownType,
  rewriting: Rewriting,
): InlineFragmentNode {
  const isSaying = typeCondition !== undefined && typeCondition.name.value !== parent?.name
  const type = isSaying ? rewriting.schema.getType(typeCondition.name.value) : parent
  const rewritten = { directives, selectionSet: rewriteSet(selectionSet, type, rewriting) }
  return { kind: Kind.INLINE_FRAGMENT, ...(isSaying && { typeCondition }), ...rewritten }
}

type KnownType = GraphQLNamedType | null | undefined

function typeBelow(parent: KnownType, fieldName: string): KnownType {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return null
  const field = parent.getFields()[fieldName]
  return field && getNamedType(field.type)
}

function rewriteDirectives(directives: readonly DirectiveNode[], { variables, labels }: Rewriting): DirectiveNode[] {
  return directives.flatMap((directive) => {
    if (directive.name.value !== 'defer') return [directive]
    if (!counts(directive, variables)) return []
    if (labels.size === MAXIMUM_PARTS) throw tooManyParts()
    const id = `d${labels.size}`
    labels.set(id, textOf(directive, 'label'))
    return [deferDirective(id)]
  })
}

function counts(directive: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  const condition = directive.arguments?.find((argument) => argument.name.value === 'if')?.value
  if (condition?.kind === Kind.VARIABLE) return variables[condition.name.value] !== false
  return condition?.kind !== Kind.BOOLEAN || condition.value
}

function textOf(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

function tooManyParts(): OperationRefused {
  const message = `The operation defers more than ${MAXIMUM_PARTS} fragments.`
  return new OperationRefused([new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })])
}
