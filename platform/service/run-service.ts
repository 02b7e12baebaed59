import { ConfigError } from '../config/read-config.js'
import { StartupError } from '../errors/startup-error.js'
import { PortTakenError } from './http-service.js'

export interface Closable {
  close(): Promise<void>
}

const SHUTDOWN_LIMIT_MS = 30_000 // orchestrators kill after it

/**
 * Runs a process around one service: opens it, closes it on SIGINT, SIGTERM or SIGHUP within 30 s, and leaves with exit
 * code 1 and one readable message when it can't start. A signal that comes while it opens closes it once it is open, so
 * that nothing is left behind; a second signal ends at once.
 */
export async function runService(name: string, open: () => Promise<Closable>): Promise<void> {
  const opening = open()
  closeOnSignal(name, opening)
  try {
    await opening
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof PortTakenError || error instanceof StartupError
    console.error(known ? error.message : `${name} could not start:`, ...(known ? [] : [error]))
    process.exit(1)
  }
}

function closeOnSignal(name: string, opening: Promise<Closable>): void {
  let closing = false
  const close = () => {
    if (closing) process.exit(1)
    closing = true
    const limit = setTimeout(() => {
      console.error(`${name} did not stop within ${SHUTDOWN_LIMIT_MS / 1000} s.`)
      process.exit(1)
    }, SHUTDOWN_LIMIT_MS)
    limit.unref()
    opening.then(
      (service) => closeAndLeave(name, service),
      () => undefined, // it could not open: told and left by whoever awaits it
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close)
}

async function closeAndLeave(name: string, service: Closable): Promise<never> {
  try {
    await service.close()
    process.exit(0)
  } catch (error) {
    console.error(`${name} did not stop cleanly:`, error)
    process.exit(1)
  }
}
