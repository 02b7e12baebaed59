import type { DeferNode, PlanNode } from '@apollo/query-planner'
import type { DeferredPart, Step } from './execution.js'

/**
 * The primary part of a Defer node, with which the step is over; its deferred parts run on their own. `compile` is that of
 * the level the node stands at: paths within are absolute.
 */
export function compileDefer({ primary, deferred }: DeferNode, compile: (node: PlanNode) => Step): Step {
  const first: Step = primary.node === undefined ? async () => undefined : compile(primary.node)
  const parts = deferred.map(({ label = '', depends, queryPath, node }): DeferredPart => ({
    id: label,
    depends: depends.map(({ id }) => id),
    step: node === undefined ? null : compile(node),
    atRoot: queryPath.every((element) => element.startsWith('... ')),
  }))
  return (execution) => {
    const { deferral } = execution
    if (deferral === null) throw new Error('A plan with deferred parts was run as one without.')
    const done = first(execution)
    for (const part of parts) deferral.schedule(part, execution, done)
    return done
  }
}

/** Tells when the fetch is over, for plans in which a deferred part depends on it. */
export function announced(id: string, fetch: Step): Step {
  return async (execution) => {
    await fetch(execution)
    execution.deferral?.fetched(id)
  }
}
