import { ConfigError } from '../config/read-config.js'
import { StartupError } from '../errors/startup-error.js'
import { PortTakenError } from './http-service.js'

export interface Closable {
  close(): Promise<void>
}

const SHUTDOWN_LIMIT_MS = 30_000 // orchestrators kill after it

/**
 * Runs a process around one service: opens it, closes it on SIGINT or SIGTERM within 30 s, and leaves with exit code 1
 * and one readable message when it can't start. A second signal ends at once.
 */
export async function runService(name: string, open: () => Promise<Closable>): Promise<void> {
  try {
    const service = await open()
    closeOnSignal(name, service)
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof PortTakenError || error instanceof StartupError
    console.error(known ? error.message : `${name} could not start:`, ...(known ? [] : [error]))
    process.exit(1)
  }
}

function closeOnSignal(name: string, service: Closable): void {
  let closing = false
  const close = () => {
    if (closing) process.exit(1)
    closing = true
    const limit = setTimeout(() => {
      console.error(`${name} did not stop within ${SHUTDOWN_LIMIT_MS / 1000} s.`)
      process.exit(1)
    }, SHUTDOWN_LIMIT_MS)
    limit.unref()
    service.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`${name} did not stop cleanly:`, error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', close)
  process.on('SIGTERM', close)
}
