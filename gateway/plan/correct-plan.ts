/**
 * What the planner planned, as subgraphs understand it. In: a plan over the planner's supergraph. Out: a plan in which the
 * fields made up for it are the real ones again, under aliases in what is fetched and under their own names in what is
 * sent. It refuses nothing: where nothing was made up, the plan stays as it is.
 */
import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner'
import { Kind, parse, print, stripIgnoredCharacters, visit, type DocumentNode } from 'graphql'
import type { PlannerSupergraph } from './planner-supergraph.js'
import { conditionalPaths, type IsConditional } from './conditional-paths.js'
import { splitRequirements } from './split-requirements.js'

export function correctPlan(plan: QueryPlan, supergraph: PlannerSupergraph): QueryPlan {
  if (plan.node === undefined || !supergraph.isRequiring) return plan
  return { ...plan, node: correctAny(plan.node, { supergraph, isConditional: conditionalPaths(plan) }) }
}

interface Correction {
  readonly supergraph: PlannerSupergraph
  readonly isConditional: IsConditional
}

function correctAny(node: PlanNode | SubscriptionNode, correction: Correction): PlanNode | SubscriptionNode {
  if (node.kind !== 'Subscription') return correctNode(node, correction, [])
  return {
    ...node,
    primary: correctFetch(node.primary, correction.supergraph),
    ...(node.rest && { rest: correctNode(node.rest, correction, []) }),
  }
}

function correctNode(node: PlanNode, correction: Correction, path: readonly (string | number)[]): PlanNode {
  const correct = (child: PlanNode): PlanNode => correctNode(child, correction, path)
  const { supergraph, isConditional } = correction
  switch (node.kind) {
    case 'Fetch': {
      const fetch = { ...node, serviceName: supergraph.subgraphs.get(node.serviceName) ?? node.serviceName }
      const [first = node, ...others] = splitRequirements(fetch, supergraph, (typeName, below) =>
        isConditional(path, typeName, below),
      ).map((part) => correctFetch(part, supergraph))
      return others.length === 0
        ? first
        : { kind: fetch.id === undefined ? 'Parallel' : 'Sequence', nodes: [first, ...others] }
    }
    case 'Flatten':
      return { ...node, node: correctNode(node.node, correction, [...path, ...node.path]) }
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(correct) }
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause && { ifClause: correct(node.ifClause) }),
        ...(node.elseClause && { elseClause: correct(node.elseClause) }),
      }
    case 'Defer':
      return {
        ...node,
        primary: { ...node.primary, ...(node.primary.node && { node: correct(node.primary.node) }) },
        deferred: node.deferred.map((part) => ({ ...part, ...(part.node && { node: correct(part.node) }) })),
      }
  }
}

function correctFetch(fetch: FetchNode, supergraph: PlannerSupergraph): FetchNode {
  const document = parse(fetch.operation, { noLocation: true })
  const called = callFields(document, supergraph)
  const requires =
    fetch.requires && withKeys(fetch.requires, supergraph).map((selection) => sendAsCalled(selection, supergraph))
  return {
    ...fetch,
    ...(called !== document && {
      operation: stripIgnoredCharacters(print(called)),
      ...(fetch.operationDocumentNode && { operationDocumentNode: called }),
    }),
    ...(requires && { requires }),
  }
}

/** `_required1_price` becomes `_required1_price: price(currency: "USD")`. */
function callFields(document: DocumentNode, { calls }: PlannerSupergraph): DocumentNode {
  return visit(document, {
    Field(node) {
      const call = calls.get(node.name.value)
      if (call === undefined) return undefined
      return {
        ...node,
        alias: node.alias ?? node.name,
        name: { kind: Kind.NAME, value: call.fieldName },
        arguments: call.arguments,
      }
    },
  })
}

/** In a representation the name is what is sent, and the alias where it is read from. */
function sendAsCalled(selection: QueryPlanSelectionNode, supergraph: PlannerSupergraph): QueryPlanSelectionNode {
  const selections = selection.selections?.map((below) => sendAsCalled(below, supergraph))
  if (selection.kind === 'InlineFragment') return { ...selection, selections: selections ?? [] }
  const call = supergraph.calls.get(selection.name)
  return {
    ...selection,
    ...(call && { name: call.fieldName, alias: selection.name }),
    ...(selections && { selections }),
  }
}

/**
 * Through an interface object the planner sends `{ ... on Product { stars } ... on Book { upc } }`: to all products what there
 * is for books alone. What has no key in it belongs to that which has.
 */
function withKeys(
  requires: readonly QueryPlanSelectionNode[],
  { keys, areRelated }: PlannerSupergraph,
): readonly QueryPlanSelectionNode[] {
  const fragments = requires.flatMap((selection) => (selection.kind === 'InlineFragment' ? [selection] : []))
  const hasKey = ({ typeCondition, selections }: (typeof fragments)[number]): boolean =>
    selections.some(
      (one) =>
        one.kind === 'Field'
          ? keys.has(`${typeCondition}.${one.name}`)
          : hasKey({ ...one, typeCondition: one.typeCondition ?? typeCondition }), // a fragment for each condition
    )
  const keyed = fragments.filter(hasKey)
  if (keyed.length === 0 || keyed.length === requires.length) return requires
  const keyless = fragments.filter((fragment) => !hasKey(fragment))
  return keyed.map((fragment) => ({
    ...fragment,
    selections: [
      ...fragment.selections,
      ...keyless.flatMap(({ typeCondition = '', selections }) =>
        areRelated(fragment.typeCondition ?? '', typeCondition) ? selections : [],
      ),
    ],
  }))
}
