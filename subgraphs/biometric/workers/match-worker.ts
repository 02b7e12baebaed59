/**
 * A worker thread: long comparisons, off the event loop. In: tasks. Out: scores. It keeps nothing between two tasks, so that one
 * that dies is replaced by any other.
 */
import { compareMinutiae } from '../domain/fingerprint/compare-minutiae.js'
import type { MatchTask } from './match-task.js'

/** Called by the pool, once a task. What it throws rejects the task and costs no worker. */
export function match({ enrolled, probe }: MatchTask): number {
  try {
    return compareMinutiae(enrolled, probe)
  } finally {
    enrolled.fill(0) // copies of this thread's own
    probe.fill(0)
  }
}
