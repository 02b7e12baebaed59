/** What a reader finds stored when it is opened, counted as it goes by. */
export interface Backlog {
  readonly size: number
  readonly caughtUp: Promise<void>
  /** One more has been handed over, or passed over. `isLast`: nothing stored is left, however many there were to be. */
  pass(isLast?: boolean): void
}

export function createBacklog(size: number): Backlog {
  let passed = 0
  let over = () => {}
  const caughtUp = new Promise<void>((resolve) => (over = resolve))
  if (size === 0) over()
  return {
    size,
    caughtUp,
    pass(isLast = false) {
      passed += 1
      if (isLast || passed >= size) over()
    },
  }
}
