/**
 * What may be written down of an operation. Wherever something is (an address, a log, a trace, a cache) this is asked, and
 * answered in one place: `Generation.writtenDown`. Variables and answers are written down of no operation at all.
 */
export interface WrittenDown {
  /** Whether it may come in an address, which is written down on its way. */
  readonly inAddress: boolean
  /** Its text, and what is made of its text. False where a secret stands in the text itself, and not in a variable. */
  readonly text: boolean
  /** What is said of its faults: the words of a subgraph, the causes of errors, which repeat values. Codes and names may be. */
  readonly words: boolean
}

/** Of an operation without anything sensitive. */
export const EVERYTHING: WrittenDown = { inAddress: true, text: true, words: true }
