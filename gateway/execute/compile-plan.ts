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

type PlanPath = readonly (string | number)[]

/** Every node there is but Subscription, which stands at the top alone and is the pipeline's to run. */
export function compilePlan(node: PlanNode, conditions: TypeConditions, path: PlanPath = []): Step {
  switch (node.kind) {
    case 'Fetch':
      return node.id === undefined
        ? compileFetch(node, path, conditions)
        : announced(node.id, compileFetch(node, path, conditions))
    case 'Flatten':
      return compilePlan(node.node, conditions, [...path, ...node.path])
    case 'Sequence':
      return inSequence(node.nodes.map((child) => compilePlan(child, conditions, path)))
    case 'Parallel':
      return inParallel(node.nodes.map((child) => compilePlan(child, conditions, path)))
    case 'Condition':
      return compileCondition(node, conditions, path)
    case 'Defer':
      return compileDefer(node, (child) => compilePlan(child, conditions, path))
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

function compileCondition(
  { condition, ifClause, elseClause }: ConditionNode,
  conditions: TypeConditions,
  path: PlanPath,
): Step {
  const nothing = async (_execution: Execution): Promise<void> => undefined
  const whenTrue = ifClause === undefined ? nothing : compilePlan(ifClause, conditions, path)
  const whenFalse = elseClause === undefined ? nothing : compilePlan(elseClause, conditions, path)
  return (execution) => (execution.variables[condition] === true ? whenTrue : whenFalse)(execution)
}
