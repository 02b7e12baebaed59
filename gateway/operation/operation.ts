import {
  BREAK,
  GraphQLError,
  Kind,
  visit,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql'
import type { ErrorDetail } from '../../platform/errors/app-error.js'
import type { ErrorCode } from '../../platform/errors/error-codes.js'
import { OperationRefused } from '../gateway-error.js'

/** One operation of a valid document, chosen by its name. */
export interface Operation {
  readonly document: DocumentNode
  readonly definition: OperationDefinitionNode
  /** Every fragment of the document, by name. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Whether there is a `@defer` in it. */
  readonly defers: boolean
  /** What its caller may not see; null where there is nothing of the kind. */
  readonly withheld: Withheld | null
}

/** Fields that stay in the answer, as nulls with an error, and are not fetched. */
export interface Withheld {
  /** The part to be planned: the operation without those fields. */
  readonly remainder: Pick<Operation, 'definition' | 'fragments'>
  /** By their nodes in the operation's document. */
  readonly fields: ReadonlyMap<FieldNode, Withholding>
}

/** Why a field is withheld, in the words a client is told. */
export interface Withholding {
  readonly code: ErrorCode
  readonly details: readonly ErrorDetail[]
}

/** GetOperation, https://spec.graphql.org/October2021/#GetOperation(). Throws OperationRefused. */
export function selectOperation(document: DocumentNode, operationName: string | undefined): Operation {
  const fragments = new Map<string, FragmentDefinitionNode>()
  const candidates: OperationDefinitionNode[] = []
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    if (operationName === undefined || definition.name?.value === operationName) candidates.push(definition)
  }
  const [definition] = candidates
  if (definition === undefined) throw unresolved(`Unknown operation named "${operationName}".`)
  if (candidates.length > 1) throw unresolved('Must provide operation name if query contains multiple operations.')
  return { document, definition, fragments, defers: [definition, ...fragments.values()].some(hasDefer), withheld: null }
}

function hasDefer(node: ASTNode): boolean {
  let found = false
  visit(node, { Directive: ({ name }) => (name.value === 'defer' ? ((found = true), BREAK) : undefined) })
  return found
}

function unresolved(message: string): OperationRefused {
  return new OperationRefused([new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })])
}
