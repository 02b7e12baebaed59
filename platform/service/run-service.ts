import { ConfigError } from '../config/read-config.js'
import { StartupError } from '../errors/startup-error.js'
import { PortTakenError } from './http-service.js'
import { onReasonToLeave } from './reasons-to-leave.js'

export interface Closable {
  close(): Promise<void>
}

const SHUTDOWN_LIMIT_MS = 30_000 // orchestrators kill after it

/**
 * Runs a process around one service: opens it, closes it on SIGINT, SIGTERM or SIGHUP within 30 s, likewise when
 * nobody reads its output any more or (`endsWithParent`) its parent has been killed, and leaves with exit code 1 and one readable message when
 * it can't start. A signal that comes while it opens closes it once it is open, so that nothing is left behind; a second
 * signal ends at once.
 */
export async function runService(
  name: string,
  open: () => Promise<Closable>,
  { endsWithParent = false } = {},
): Promise<void> {
  const opening = open()
  closeWithReason(name, opening, endsWithParent)
  try {
    await opening
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof PortTakenError || error instanceof StartupError
    console.error(known ? error.message : `${name} could not start:`, ...(known ? [] : [error]))
    process.exit(1)
  }
}

function closeWithReason(name: string, opening: Promise<Closable>, endsWithParent: boolean): void {
  let closing = false
  const close = (exitCode: number) => {
    if (closing) process.exit(1)
    closing = true
    const limit = setTimeout(() => {
      console.error(`${name} did not stop within ${SHUTDOWN_LIMIT_MS / 1000} s.`)
      process.exit(1)
    }, SHUTDOWN_LIMIT_MS)
    limit.unref()
    opening.then(
      (service) => closeAndLeave(name, service, exitCode),
      () => undefined, // it could not open: told and left by whoever awaits it
    )
  }
  onReasonToLeave(
    ({ because, fault }) => {
      if (because !== undefined) console.error(`${name} stops: ${because}.`, ...(fault === undefined ? [] : [fault]))
      close(fault === undefined ? 0 : 1)
    },
    { endsWithParent },
  )
}

async function closeAndLeave(name: string, service: Closable, exitCode: number): Promise<never> {
  try {
    await service.close()
    process.exit(exitCode)
  } catch (error) {
    console.error(`${name} did not stop cleanly:`, error)
    process.exit(1)
  }
}
