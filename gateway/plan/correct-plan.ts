/**
 * What the planner planned, as subgraphs understand it. In: a plan over the planner's supergraph. Out: a plan in which the
 * fields made up for it are the real ones again, under aliases in what is fetched and under their own names in what is
 * sent. It refuses nothing: where nothing was made up, the plan stays as it is.
 */
import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner'
import { Kind, parse, print, stripIgnoredCharacters, visit, type DocumentNode } from 'graphql'
import type { PlannerSupergraph } from './planner-supergraph.js'
import { splitRequirements } from './split-requirements.js'

export function correctPlan(plan: QueryPlan, supergraph: PlannerSupergraph): QueryPlan {
  if (plan.node === undefined || !supergraph.isRequiring) return plan
  return { ...plan, node: correctAny(plan.node, supergraph) }
}

function correctAny(node: PlanNode | SubscriptionNode, supergraph: PlannerSupergraph): PlanNode | SubscriptionNode {
  if (node.kind !== 'Subscription') return correctNode(node, supergraph)
  return {
    ...node,
    primary: correctFetch(node.primary, supergraph),
    ...(node.rest && { rest: correctNode(node.rest, supergraph) }),
  }
}

function correctNode(node: PlanNode, supergraph: PlannerSupergraph): PlanNode {
  const correct = (child: PlanNode): PlanNode => correctNode(child, supergraph)
  switch (node.kind) {
    case 'Fetch': {
      const fetch = { ...node, serviceName: supergraph.subgraphs.get(node.serviceName) ?? node.serviceName }
      const [first = node, ...others] = splitRequirements(fetch, supergraph).map((part) =>
        correctFetch(part, supergraph),
      )
      return others.length === 0
        ? first
        : { kind: fetch.id === undefined ? 'Parallel' : 'Sequence', nodes: [first, ...others] }
    }
    case 'Flatten':
      return { ...node, node: correct(node.node) }
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
  const requires = fetch.requires?.map((selection) => sendAsCalled(selection, supergraph))
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
