import { onParentGone } from './parent-watch.js'

export interface Leaving {
  /** Fit to be printed where it is not plain that the process ends. */
  readonly because?: string
  /** What nobody caught. */
  readonly fault?: unknown
}

/**
 * Calls `leave` for everything that ends a process from outside or by a fault of its own, so that what it has opened can be
 * closed first: SIGINT, SIGTERM, SIGHUP, an error nobody caught, a reader of its output that has gone away (EPIPE, as with
 * `| head`), and, where asked for, the end of its parent. Only a signal calls it again: whoever sends a second one is in a
 * hurry.
 */
export function onReasonToLeave(leave: (reason: Leaving) => void, { endsWithParent = false } = {}): void {
  let leaving = false
  const signalled = () => {
    leaving = true
    leave({})
  }
  const once = (reason: Leaving) => {
    if (leaving) return // each further line to a reader that is gone fails as well
    leaving = true
    leave(reason)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, signalled)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => once({}))
  process.on('uncaughtException', (fault) => once({ because: 'an error was caught by nobody', fault }))
  if (endsWithParent) onParentGone(() => once({ because: 'the npm that started it has ended' }))
}
