import type { LiveAnswer } from './live-answer.js'
import type { Ending } from './shared-feed.js'

/** Whoever is given the answers to what arrives. */
export interface ArrivalsHost {
  /** Whether there is room for one more; `goOn` is called when there is room again. */
  mayAnswer(): boolean
  /** In the order of the events. `ordinal` counts all that were let through, those left out among them. */
  onAnswer(answer: LiveAnswer, ordinal: number): void
  /** The last word, after every answer. */
  onEnd(ending: Ending): void
  /** The event at this position gives way to a newer one of its key: answering is too slow. */
  onLeftOut(sequence: number): void
  /** Events are gone before they could be answered: the feed has let go of them, and so has the log if there is one. */
  onOverrun(error: unknown): void
}
