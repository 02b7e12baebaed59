/** A number of slots; work waits for one in the order it came. */
export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    async run(work) {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift() // the slot goes from hand to hand, so that nobody who comes now can take it
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
