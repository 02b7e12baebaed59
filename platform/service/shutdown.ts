import type { Logger } from '../log/logger.js'

/** What has been opened, to be closed in the opposite order. */
export interface Shutdown {
  add(name: string, close: () => Promise<void>): void
  /** Closes everything, also after one part failed to close. A second call waits for the first. */
  run(): Promise<void>
}

export function createShutdown(logger: Logger): Shutdown {
  const parts: { readonly name: string; readonly close: () => Promise<void> }[] = []
  let running: Promise<void> | undefined
  const closeAll = async () => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { name, close } = part
      await close().catch((error: unknown) => logger.error({ err: error }, `${name} did not close cleanly`))
    }
  }
  return {
    add: (name, close) => void parts.push({ name, close }),
    run: () => (running ??= closeAll()),
  }
}
