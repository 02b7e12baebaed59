import { z } from 'zod'

const beginningIn = z.object({ beginning: z.string(), cursor: z.string() })

/** Streams that asked to be told where they begin, each by a name of its own; told in the payload of a ping. */
export interface Beginnings {
  /** Until the returned function is called. */
  expect(name: string, told: (cursor: string) => void): () => void
  /** Passes over pings that tell of something else. */
  tell(payload: unknown): void
}

export function createBeginnings(): Beginnings {
  const expected = new Map<string, (cursor: string) => void>()
  return {
    expect(name, told) {
      expected.set(name, told)
      return () => void expected.delete(name)
    },
    tell(payload) {
      const { data } = beginningIn.safeParse(payload)
      if (data !== undefined) expected.get(data.beginning)?.(data.cursor)
    },
  }
}
