import { setTimeout as delay } from 'node:timers/promises'

/** Resolves as soon as the condition holds; rejects after `limitMs`, so that a test fails where it waits. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 5_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`What was waited for did not happen within ${limitMs} ms.`)
    await delay(5)
  }
}

/** A promise with its `open` at hand: to hold something back until the test has seen what it wants to see. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function createGate(): Gate {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}
