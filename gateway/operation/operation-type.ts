import type { OperationTypeNode } from 'graphql'
import type { DocumentStore } from './document-store.js'

export interface AskedOperation {
  readonly query: string
  readonly operationName: string | undefined
}

/** What kind of operation is asked for. Null for what can't be run: whoever is to run it says why. */
export type OperationTypeOf = (asked: AskedOperation) => OperationTypeNode | null

/** `documents` are those of the supergraph in use. */
export function createOperationTypeOf(documents: () => Pick<DocumentStore, 'read' | 'select'>): OperationTypeOf {
  return ({ query, operationName }) => {
    const { read, select } = documents()
    try {
      return select(read(query), operationName).definition.operation
    } catch {
      return null
    }
  }
}
