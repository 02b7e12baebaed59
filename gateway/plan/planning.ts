import { operationFromDocument, type Supergraph } from '@apollo/federation-internals'
import type { QueryPlan } from '@apollo/query-planner'
import { print, type DocumentNode } from 'graphql'
import { createPlanners, type Planners } from './planners.js'
import type { IsQuick } from './planning-effort.js'
import { createPlanningProcess } from './planning-process.js'
import { OutOfTime } from './within-time.js'

export interface Planning {
  /** At once where that is quick, else in a process of its own, one after the other. Throws and rejects as PlanningProcess does. See `Planners`. */
  plan(document: DocumentNode, overrides: readonly string[], byType: boolean): QueryPlan | Promise<QueryPlan>
  /** Ends that process: what is planned there is given up. */
  close(): Promise<void>
}

export interface PlanningOptions {
  /** As the planner is to see it. */
  readonly supergraph: Supergraph
  readonly sdl: () => string
  readonly isQuick: IsQuick
  /** How long one operation may be planned for. */
  readonly limitMs: number
}

const QUICK_LIMIT_MS = 2_000 // what is estimated to be quick takes a twentieth; only a circle nobody knows of takes longer

/**
 * A process costs memory, and time to start: what the planner is soon done with it plans here. What keeps it busy
 * for seconds keeps nobody else waiting.
 */
export function createPlanning({ supergraph, sdl, isQuick, limitMs }: PlanningOptions): Planning {
  /** Null once it was stopped in the middle of something: to make it anew would take up to a second of everybody's time. */
  let here: Planners | null = createPlanners(supergraph, Math.min(QUICK_LIMIT_MS, limitMs))
  const apart = createPlanningProcess(sdl, { limitMs })
  return {
    plan(document, overrides, byType) {
      if (here !== null && isQuick(document)) {
        try {
          return here.plan(operationFromDocument(supergraph.apiSchema(), document), overrides, byType)
        } catch (error) {
          if (!(error instanceof OutOfTime)) throw error
          here = null
        }
      }
      return apart.plan({ text: print(document), overrides, byType })
    },
    close: () => apart.close(),
  }
}
