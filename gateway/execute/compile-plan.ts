/**
 * Plans as programs. In: the planner's nodes. Out: one step that, run, fills the execution's data with everything the
 * operation needs. All that depends on the plan alone (texts, paths, type conditions) is settled here, once an operation.
 * It refuses nothing: all that can be planned can be run.
 */
import type { ConditionNode, PlanNode } from '@apollo/query-planner'
import type { TypeConditions } from './type-conditions.js'
import { announced, compileDefer } from './defer-step.js'
import type { Execution, Step } from './execution.js'
import { compileFetch } from './fetch-step.js'
import { findSharedFetches, type SharedFetches } from './shared-fetch.js'

type PlanPath = readonly (string | number)[]

/** What all nodes of one plan are compiled with. */
interface PlanScope {
  readonly conditions: TypeConditions
  readonly sharedFetches: SharedFetches
}

/** Every node there is but Subscription, which stands at the top alone and is the pipeline's to run. */
export function compilePlan(node: PlanNode, conditions: TypeConditions): Step {
  return compileNode(node, { conditions, sharedFetches: findSharedFetches(node, conditions) }, [])
}

function compileNode(node: PlanNode, scope: PlanScope, path: PlanPath): Step {
  switch (node.kind) {
    case 'Fetch': {
      const fetch = compileFetch(node, path, scope.conditions, scope.sharedFetches(node))
      return node.id === undefined ? fetch : announced(node.id, fetch)
    }
    case 'Flatten':
      return compileNode(node.node, scope, [...path, ...node.path])
    case 'Sequence':
      return inSequence(node.nodes.map((child) => compileNode(child, scope, path)))
    case 'Parallel':
      return inParallel(node.nodes.map((child) => compileNode(child, scope, path)))
    case 'Condition':
      return compileCondition(node, scope, path)
    case 'Defer':
      return compileDefer(node, (child) => compileNode(child, scope, path))
  }
}

function inSequence(steps: readonly Step[]): Step {
  return async (execution) => {
    for (const step of steps) await step(execution)
  }
}

function inParallel(steps: readonly Step[]): Step {
  return async (execution) => {
    await Promise.all(steps.map((step) => step(execution)))
  }
}

function compileCondition({ condition, ifClause, elseClause }: ConditionNode, scope: PlanScope, path: PlanPath): Step {
  const nothing = async (_execution: Execution): Promise<void> => undefined
  const whenTrue = ifClause === undefined ? nothing : compileNode(ifClause, scope, path)
  const whenFalse = elseClause === undefined ? nothing : compileNode(elseClause, scope, path)
  return (execution) => (execution.variables[condition] === true ? whenTrue : whenFalse)(execution)
}
