import { setTimeout as delay } from 'node:timers/promises'

/** Something a client can be told to come back from. */
export interface Movable {
  /** Ends it, with the time after which the client should connect again, to whoever answers then. Nothing where it has ended. */
  sendElsewhere(retryMs: number): void
}

const STEP_MS = 50
const LEAST_A_STEP = 50 // a thousand a second: what a replica takes in while it works
const RETRY_WITHIN_MS = 5_000

/**
 * Tells every client to go elsewhere, in random order and evenly over at most `withinMs`, so that those that take them in do
 * not get all at once; few are told at once.
 */
export async function sendElsewhere(open: Iterable<Movable>, withinMs: number): Promise<void> {
  const waiting = shuffled([...open])
  const aStep = Math.max(LEAST_A_STEP, Math.ceil((waiting.length * STEP_MS) / withinMs))
  while (waiting.length > 0) {
    for (const item of waiting.splice(-aStep)) item.sendElsewhere(retryHint())
    if (waiting.length > 0) await delay(STEP_MS)
  }
}

/** Milliseconds; spread, for the same reason. */
export function retryHint(): number {
  return Math.ceil(Math.random() * RETRY_WITHIN_MS)
}

/** In random order (Fisher and Yates). */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    const [a, b] = [mixed[last], mixed[other]]
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a]
  }
  return mixed
}
