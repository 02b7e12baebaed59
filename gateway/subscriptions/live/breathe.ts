import { setImmediate } from 'node:timers/promises'

/** Lets everything else that waits have its turn: sockets, timers, other streams. */
export async function breathe(): Promise<void> {
  await setImmediate()
}
