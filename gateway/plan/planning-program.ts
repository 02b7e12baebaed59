/**
 * The program of the planning process. In: first a supergraph, then operations. Out: a plan for each, or why there is none. It
 * refuses what `Planners` refuses; bugs end it, and so does the end of whoever started it.
 */
import { operationFromDocument } from '@apollo/federation-internals'
import type { QueryPlan } from '@apollo/query-planner'
import { parse } from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { OperationRefused } from '../gateway-error.js'
import { buildSupergraph, createPlanners } from './planners.js'
import { OutOfTime } from './within-time.js'

/** The first message. */
export interface PlanningGround {
  /** The supergraph as the planner is to see it. */
  readonly sdl: string
  /** How long one operation may take. */
  readonly limitMs: number
}

/** Every later one: what `Planners.plan` is asked, the operation as a text. */
export interface PlanningTask {
  readonly text: string
  readonly overrides: readonly string[]
  readonly byType: boolean
}

/** The answer to a task: what `Planners.plan` gave back or threw. */
export type PlanningOutcome =
  | { readonly kind: 'PLANNED'; readonly queryPlan: QueryPlan }
  | { readonly kind: 'OUT_OF_TIME' }
  | { readonly kind: 'NO_WAY'; readonly reason: string }
  | { readonly kind: 'REFUSED'; readonly messages: readonly string[] }

process.once('message', ({ sdl, limitMs }: PlanningGround) => {
  const supergraph = buildSupergraph(sdl)
  const planners = createPlanners(supergraph, limitMs)

  const outcomeOf = ({ text, overrides, byType }: PlanningTask): PlanningOutcome => {
    try {
      const operation = operationFromDocument(supergraph.apiSchema(), parse(text, { noLocation: true }))
      return { kind: 'PLANNED', queryPlan: planners.plan(operation, overrides, byType) }
    } catch (error) {
      if (error instanceof OutOfTime) return { kind: 'OUT_OF_TIME' }
      if (error instanceof AppError) return { kind: 'NO_WAY', reason: String(error.cause) }
      if (!(error instanceof OperationRefused)) throw error
      return { kind: 'REFUSED', messages: error.errors.map(({ message }) => message) }
    }
  }

  process.on('message', (task: PlanningTask) => process.send?.(outcomeOf(task)))
})
process.once('disconnect', () => process.exit())
