import type { EventAnswers } from './event-answers.js'
import type { LiveAnswer } from './live-answer.js'
import type { Arrival } from './waiting-arrivals.js'

const UNDER_WAY = 16 // answers made at a time: subgraphs are slow one by one, and a burst must not flood them

interface UnderWay extends Arrival {
  /** Undefined while it is made. */
  answer: LiveAnswer | null | undefined
}

/** Answers that are made at the same time, and taken in the order of their events. */
export class AnswersUnderWay {
  readonly #answers: EventAnswers
  readonly #onMade: () => void
  readonly #underWay: UnderWay[] = []

  /** `onMade` is called whenever one more is made. */
  constructor(answers: EventAnswers, onMade: () => void) {
    this.#answers = answers
    this.#onMade = onMade
  }

  get isFull(): boolean {
    return this.#underWay.length >= UNDER_WAY
  }

  /** The oldest event that is not taken yet; undefined where there is none. */
  get oldest(): Arrival | undefined {
    return this.#underWay[0]
  }

  begin(arrival: Arrival): void {
    const underWay: UnderWay = { ...arrival, answer: undefined }
    this.#underWay.push(underWay)
    void this.#answers.answerTo(arrival.event).then((answer) => {
      underWay.answer = answer
      this.#onMade()
    })
  }

  get isNextMade(): boolean {
    const [first] = this.#underWay
    return first !== undefined && first.answer !== undefined
  }

  /** The next, once it is made. Its answer is null where nobody was left to answer to. */
  takeNext(): { readonly answer: LiveAnswer | null; readonly ordinal: number } | null {
    const [first] = this.#underWay
    if (first?.answer === undefined) return null
    this.#underWay.shift()
    return { answer: first.answer, ordinal: first.ordinal }
  }
}
