/**
 * When deferred parts of a plan run. In: the parts, as the steps of a plan come upon them. Out: each part's run, begun as
 * soon as the fetches it depends on are over. It refuses to fail: what goes wrong in a part becomes an error of that part.
 */
import type { GatewayError } from '../gateway-error.js'
import { gatewayErrorFrom } from '../gateway-error.js'
import type { Deferral, DeferredPart } from './execution.js'
import type { DataObject } from '../data-object.js'

export interface PartRun {
  /** Null: the part's data are where they were found. */
  readonly data: DataObject | null
  readonly errors: GatewayError[]
  done: boolean
}

export interface DeferredRuns {
  readonly deferral: Deferral
  /** Undefined for a part the plan has nothing to do for. */
  run(id: string): PartRun | undefined
}

interface Latch {
  readonly opened: Promise<void>
  readonly open: () => void
}

/** `onDone` is called after each part that is done. */
export function createDeferredRuns(onDone: () => void): DeferredRuns {
  const runs = new Map<string, PartRun>()
  const latches = new Map<string, Latch>()
  const latch = (id: string): Latch => {
    const known = latches.get(id) ?? createLatch()
    latches.set(id, known)
    return known
  }
  /** `outer` ends with everything around this level that parts of it could depend on. */
  const level = (outer: Promise<unknown>): Deferral => ({
    fetched: (id) => latch(id).open(),
    schedule(part, execution, primary) {
      const run: PartRun = { data: part.atRoot ? {} : null, errors: [], done: false }
      runs.set(part.id, run)
      // a fetch that a condition leaves out is never over: then the end of all of them stands in
      const everything = Promise.all([outer, primary]).then(() => undefined)
      everything.catch(() => undefined) // told by whoever waits for the primary
      const own = { ...execution, data: run.data ?? execution.data, errors: run.errors, deferral: level(everything) }
      const ready = begin(part, everything, (id) => latch(id).opened)
      ready
        .then(() => part.step?.(own))
        .catch((error: unknown) => {
          execution.logger.error({ err: error }, 'a deferred part failed')
          run.errors.push(gatewayErrorFrom(error, execution.request.ids))
        })
        .finally(() => {
          run.done = true
          onDone()
        })
    },
  })
  return { deferral: level(Promise.resolve()), run: (id) => runs.get(id) }
}

function begin(
  { depends, step }: DeferredPart,
  everything: Promise<void>,
  opened: (id: string) => Promise<void>,
): Promise<unknown> {
  if (step === null) return everything
  return depends.length === 0 ? Promise.resolve() : Promise.race([Promise.all(depends.map(opened)), everything])
}

function createLatch(): Latch {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}
