import type { z } from 'zod'

/**
 * The shape of a domain event's contract. The contracts themselves stand in `schema/contracts`, one file each, and fit this
 * interface without importing it: producers and consumers share them, and nothing else.
 */
export interface EventContract<Data> {
  /** Past tense, `<entity>.<what happened>`. */
  readonly type: string
  /** Raised when `data` changes in a way old consumers can't read. */
  readonly version: number
  readonly data: z.ZodType<Data>
  /** The subject one event is published on. */
  readonly subject: (data: Data) => string
  /** The subject filter that catches every event of this contract. */
  readonly filter: string
}
