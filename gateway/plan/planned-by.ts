import { conditionVariables } from '../execute/condition-variables.js'
import type { Operation } from '../operation/operation.js'
import { orderingVariables } from './mutation-in-order.js'
import { hasConditionWithin } from './settle-conditions.js'

/** Which variables an operation has plans by, each a list of names, sorted. */
export interface PlannedBy {
  /** Whether the root fields of a mutation must be put in order. */
  readonly ordering: boolean
  /** Whether every condition is settled before planning. */
  readonly settling: boolean
  /** A plan for each set of their values. */
  readonly variables: readonly string[]
}

interface Kinds {
  readonly whole: PlannedBy
  readonly inParts: PlannedBy
}

const known = new WeakMap<Operation, Kinds>()

/** Found once an operation. `inParts`: parts of it come later. */
export function plannedBy(operation: Operation, inParts: boolean): PlannedBy {
  const kinds = known.get(operation) ?? findKinds(operation)
  known.set(operation, kinds)
  return inParts ? kinds.inParts : kinds.whole
}

function findKinds(operation: Operation): Kinds {
  const conditions = conditionVariables(operation)
  const ordering = orderingVariables(operation)
  const isWithin = conditions.length > 0 && hasConditionWithin(operation)
  const whole = {
    ordering: ordering !== null,
    settling: isWithin,
    variables: isWithin ? conditions : (ordering ?? []),
  }
  return { whole, inParts: { ordering: ordering !== null, settling: conditions.length > 0, variables: conditions } }
}
