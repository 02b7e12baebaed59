import { getOperationAST, OperationTypeNode, parse } from 'graphql'
import { checkSource } from '../operation/source-limits.js'

/** Enough to tell what an operation is; the pipeline has the limits that clients are told of. */
const SOURCE_LIMITS = { maxTokens: 20_000, maxNesting: 1_000 }

export interface AskedOperation {
  readonly query: string
  readonly operationName: string | undefined
}

/** Whether the operation asked for is a subscription. What can't be parsed is not: the pipeline says what is wrong with it. */
export function isSubscription({ query, operationName }: AskedOperation): boolean {
  if (!query.includes('subscription')) return false // a keyword has one spelling
  try {
    checkSource(query, SOURCE_LIMITS)
    const document = parse(query, { noLocation: true })
    return getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION
  } catch {
    return false
  }
}
