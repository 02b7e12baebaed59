/**
 * A worker thread: long comparisons, off the event loop. In: tasks. Out: scores, or where rows stand that may be wanted. It keeps
 * nothing between two tasks, so that one that dies is replaced by any other.
 */
import { compareMinutiae } from '../domain/fingerprint/compare-minutiae.js'
import type { ComparePrints, Kept, MatchTask } from './match-task.js'
import { scanEmbeddings, scanIrises } from './scan-blocks.js'
import { scanPrints } from './scan-prints.js'

/** Called by the pool, once a task. What it throws rejects the task and costs no worker. */
export function match(task: MatchTask): number | Kept {
  switch (task.kind) {
    case 'compare-prints':
      return comparePrints(task)
    case 'scan-embeddings':
      return scanEmbeddings(task)
    case 'scan-irises':
      return scanIrises(task)
    case 'scan-prints':
      return scanPrints(task)
  }
}

function comparePrints({ enrolled, probe }: ComparePrints): number {
  try {
    return compareMinutiae(enrolled, probe)
  } finally {
    enrolled.fill(0) // copies of this thread's own
    probe.fill(0)
  }
}
