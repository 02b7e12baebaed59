/**
 * What almost every request gets: a POST of plain JSON whose operation may run. In: its headers and body, whoever has read them.
 * Out: the answer, in a form that any writer can send. What is unusual or to be refused in many words is not answered here
 * but on the long way (Express, Apollo Server); both give the same answers, a test holds them to it.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { OperationTypeNode, type DocumentNode, type ExecutionResult, type GraphQLFormattedError } from 'graphql'
import {
  requestContextFromHeaders,
  withRequestContext,
  type RequestContext,
} from '../../platform/log/request-context.js'
import { malformedBody } from '../../platform/service/http-service.js'
import { OperationRefused } from '../gateway-error.js'
import type { Caller, GatewayRequest } from '../gateway-request.js'
import type { Gateway } from '../gateway.js'
import type { IdentifyCaller } from '../identity/identify-caller.js'
import { acceptedSpec } from '../incremental/accepted-spec.js'
import type { Departure } from '../subgraph-client/cancellation.js'
import type { Generation } from '../supergraph/generation.js'
import { answerType, contentTypeOf, statusOf, type AnswerType } from './answer-rules.js'
import { parseJsonBody, readPlainOperation, type PlainOperation } from './plain-operation.js'

export interface PlainAnswerOptions {
  readonly currentGeneration: () => Generation
  readonly gateway: Pick<Gateway, 'executeOn'>
  readonly identify: IdentifyCaller
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError
  /** Whether more than faults is logged within a request, or by code of the embedding program: lines are to name the request. */
  readonly logsWithin: boolean
}

/** A request that `plainAnswerType` has a type for. */
export interface PlainQuestion {
  readonly type: AnswerType
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The client's, as the first trusted proxy saw it. */
  readonly address: string | null
  /** Told when the client goes away. */
  readonly departure: Departure
}

export interface PlainAnswer {
  readonly status: number
  readonly contentType: string
  readonly requestId: string
  readonly json: string
}

/** Null, with nothing executed, for what the long way is to answer. Never rejects: faults are in the answer. */
export type AnswerPlain = (question: PlainQuestion) => PlainAnswer | null | Promise<PlainAnswer | null>

/** What is longer is refused on the long way. */
export const LONGEST_PLAIN_BODY = 1024 * 1024

const PLAIN_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
])

/** Of a POST to the path of GraphQL: the type of its answer, null for one that is not plain. Its length is for others to judge. */
export function plainAnswerType(headers: IncomingHttpHeaders): AnswerType | null {
  if (!PLAIN_TYPES.has(headers['content-type']) || headers['content-encoding'] !== undefined) return null
  return acceptedSpec(headers.accept) === null ? answerType(headers.accept) : null
}

export function createPlainAnswers(options: PlainAnswerOptions): AnswerPlain {
  return (question) => {
    const body = parseJsonBody(question.body)
    if (body === null) return bodyRefused(question.headers)
    const operation = readPlainOperation(body)
    if (operation === null) return null
    const generation = options.currentGeneration()
    const document = readDocument(generation, operation)
    return document === null ? null : answer(operation, generation, document, question, options)
  }
}

/** Null for an operation that must not run: the long way refuses it. */
async function answer(
  operation: PlainOperation,
  generation: Generation,
  document: DocumentNode | OperationRefused,
  { headers, address, type, departure }: PlainQuestion,
  options: PlainAnswerOptions,
): Promise<PlainAnswer | null> {
  let caller: Caller
  try {
    const identified = options.identify(headers, address)
    caller = identified instanceof Promise ? await identified : identified
  } catch {
    return null
  }
  const ids = requestContextFromHeaders(headers)
  // here and now: the long way would read the document twice more to come to the same
  if (document instanceof OperationRefused) return answerOf({ errors: document.errors }, type, ids, options)
  const asked = new PlainRequest(operation, document, caller, ids, headers, departure)
  const result = await (options.logsWithin
    ? withRequestContext(ids, () => options.gateway.executeOn(generation, asked))
    : options.gateway.executeOn(generation, asked))
  return answerOf(result, type, ids, options)
}

/** A class, for its one getter: an object of its own with a getter costs more than all of this. */
class PlainRequest implements GatewayRequest {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly document: DocumentNode
  readonly caller: Caller
  readonly ids: RequestContext
  readonly headers: IncomingHttpHeaders
  readonly cancellation: Departure

  constructor(
    { query, operationName, variables }: PlainOperation,
    document: DocumentNode,
    caller: Caller,
    ids: RequestContext,
    headers: IncomingHttpHeaders,
    cancellation: Departure,
  ) {
    this.query = query
    this.operationName = operationName
    this.variables = variables
    this.document = document
    this.caller = caller
    this.ids = ids
    this.headers = headers
    this.cancellation = cancellation
  }

  get signal(): AbortSignal {
    return this.cancellation.signal
  }
}

/** Null for a subscription, which this way can't serve. */
function readDocument(
  generation: Generation,
  { query, operationName }: PlainOperation,
): DocumentNode | OperationRefused | null {
  try {
    const document = generation.documents.read(query)
    const { definition } = generation.documents.select(document, operationName)
    return definition.operation === OperationTypeNode.SUBSCRIPTION ? null : document
  } catch (error) {
    return error instanceof OperationRefused ? error : null
  }
}

function answerOf(
  result: ExecutionResult,
  type: AnswerType,
  ids: RequestContext,
  { formatError }: PlainAnswerOptions,
): PlainAnswer {
  const errors = result.errors?.map((error) => withRequestContext(ids, () => formatError(error.toJSON(), error)))
  const told = errors === undefined ? result : { ...result, errors }
  return {
    status: statusOf(told, type),
    contentType: contentTypeOf(type),
    requestId: ids.requestId,
    json: `${JSON.stringify(told)}\n`,
  }
}

function bodyRefused(headers: IncomingHttpHeaders): PlainAnswer {
  const ids = requestContextFromHeaders(headers)
  const { status, json } = withRequestContext(ids, malformedBody)
  return { status, contentType: contentTypeOf('application/json'), requestId: ids.requestId, json }
}
