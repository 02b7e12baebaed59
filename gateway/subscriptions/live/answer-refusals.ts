import { LRUCache } from 'lru-cache'
import type { ExecutionResult } from 'graphql'
import { errorCodes, isErrorCode } from '../../../platform/errors/error-codes.js'

const AGREED = { max: 16, ttl: 10_000 } // a token that is refused meanwhile where all were is found out so much later

/**
 * What subgraphs refuse of an answer, and where that is nothing of one token. Refusals are told apart by code, subgraph and field.
 */
export class AnswerRefusals {
  readonly #agreed = new LRUCache<string, true>(AGREED)

  /** What was refused in it, as text; null for nothing, and for what was refused to every token lately. */
  of(result: ExecutionResult): string | null {
    const refusal = refusalIn(result)
    return refusal === null || this.#agreed.has(refusal) ? null : refusal
  }

  /** So many tokens were tried, and each was refused: it is the caller who may not see it, or the subgraph that is at fault. */
  agree(refusal: string): void {
    this.#agreed.set(refusal, true)
  }
}

/** Of answers that subgraphs gave, those with 401 and 403: another token of the same audience may be given one without. */
function refusalIn({ errors = [] }: ExecutionResult): string | null {
  const found = new Set<string>()
  for (const { path = [], extensions } of errors) {
    const { code, service } = extensions
    if (service === undefined || !isErrorCode(code)) continue
    const { status } = errorCodes[code]
    if (status !== 401 && status !== 403) continue
    found.add([code, service, ...path.filter((key) => typeof key === 'string')].join(' '))
  }
  return found.size === 0 ? null : [...found].sort().join(', ')
}
