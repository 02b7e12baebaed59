/** Lets one loop sleep until something happens; a wake-up that comes while it is busy is not lost. */
export interface Signal {
  wake(): void
  /** Resolves at the next wake-up, at once when one came since the last wait, or after `timeoutMs`. */
  wait(timeoutMs?: number): Promise<void>
}

export function createSignal(): Signal {
  let woken = false
  let resolve: (() => void) | undefined
  return {
    wake() {
      woken = true
      resolve?.()
    },
    async wait(timeoutMs) {
      if (!woken) {
        await new Promise<void>((done) => {
          const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs)
          resolve = () => {
            clearTimeout(timer)
            done()
          }
        })
        resolve = undefined
      }
      woken = false
    },
  }
}
