import type { RequestMetrics, RequestUnderWay } from '../../platform/telemetry/request-metrics.js'
import type { AnswerPlain, PlainAnswer } from './plain-answer.js'

/** The same answers, counted. What is not answered here is counted on the long way. */
export function countPlainAnswers(answer: AnswerPlain, requests: RequestMetrics, path: string): AnswerPlain {
  return (question) => {
    const request = requests.begin('POST', path)
    const answered = answer(question)
    return answered instanceof Promise ? answered.then((late) => count(late, request)) : count(answered, request)
  }
}

function count(answered: PlainAnswer | null, request: RequestUnderWay): PlainAnswer | null {
  if (answered === null) request.passedOn()
  else request.ended(answered.status)
  return answered
}
