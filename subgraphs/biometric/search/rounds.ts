/** One round at a time; who calls during one waits for the next, together with all others who do: it began after they called. */
export function createRounds(work: () => Promise<void>): () => Promise<void> {
  let underway: Promise<void> | null = null
  let next: Promise<void> | null = null
  const run = () => {
    underway = work().finally(() => (underway = null))
    return underway
  }
  return () => {
    if (underway === null && next === null) return run()
    next ??= (underway ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        next = null
        return run()
      })
    return next
  }
}
