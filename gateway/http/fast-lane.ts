/**
 * The short way for what almost every request is: a POST of plain JSON whose operation may run. In: the raw request. Out: the
 * answer, on node:http alone. What is unusual or to be refused goes on to the long way (Express, Apollo Server), which has
 * the words for it; both give the same answers, a test holds them to it.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
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
import type { Generation } from '../supergraph/generation.js'
import { Departure } from '../subgraph-client/cancellation.js'
import { answerType, contentTypeOf, statusOf, type AnswerType } from './answer-rules.js'
import { parseJsonBody, readPlainOperation, type PlainOperation } from './plain-operation.js'

export interface FastLaneOptions {
  readonly path: string
  readonly currentGeneration: () => Generation
  readonly gateway: Pick<Gateway, 'executeOn'>
  readonly identify: IdentifyCaller
  readonly addressOf: (request: IncomingMessage) => string | null
  /** On every answer to a request from this origin; names and values in turn. */
  readonly headersFor: (origin: string | undefined) => readonly string[]
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError
  /** Whether more than faults is logged within a request, or by code of the embedding program: lines are to name the request. */
  readonly logsWithin: boolean
}

/** The rest of the way. A body that has been read is there already, parsed. */
export type LongWay = (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => void

const MAXIMUM_BYTES = 1024 * 1024 // what is longer is refused on the long way

const NOT_STORED = ['cache-control', 'no-store']

const PLAIN_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
])

export function createFastLane(options: FastLaneOptions, longWay: LongWay): LongWay {
  return (request, response) => {
    const type = plainAnswerType(request, options.path)
    if (type === null) return longWay(request, response)
    collectBody(request, (bytes) => {
      const body = parseJsonBody(bytes)
      if (body === null) return refuseBody(request, response, options)
      const operation = readPlainOperation(body)
      const goOn = (): void => longWay(Object.assign(request, { body }), response)
      if (operation === null) return goOn()
      answer(operation, type, request, response, options).then(
        (answered) => {
          if (!answered) goOn()
        },
        () => response.destroy(), // the pipeline never rejects: only writing can have failed
      )
    })
  }
}

/** Null for a request that is not plain. */
function plainAnswerType({ method, url, headers }: IncomingMessage, path: string): AnswerType | null {
  if (method !== 'POST' || url !== path || !PLAIN_TYPES.has(headers['content-type'])) return null
  if (headers['content-encoding'] !== undefined || headers.expect !== undefined) return null
  const length = Number(headers['content-length']) // not a number for a body in chunks
  if (!(length > 0 && length <= MAXIMUM_BYTES) || acceptedSpec(headers.accept) !== null) return null
  return answerType(headers.accept)
}

/** A client that leaves before its body is complete is never answered. */
function collectBody(request: IncomingMessage, done: (bytes: Buffer) => void): void {
  let bytes: Buffer | undefined
  request.on('data', (chunk: Buffer) => (bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk])))
  request.on('end', () => done(bytes ?? Buffer.alloc(0)))
}

/** False, with nothing written, for an operation that must not run: the long way refuses it. */
async function answer(
  operation: PlainOperation,
  type: AnswerType,
  request: IncomingMessage,
  response: ServerResponse,
  options: FastLaneOptions,
): Promise<boolean> {
  const generation = options.currentGeneration()
  const document = readDocument(generation, operation)
  if (document === null) return false
  const { headers } = request
  let caller: Caller
  try {
    const identified = options.identify(headers, options.addressOf(request))
    caller = identified instanceof Promise ? await identified : identified
  } catch {
    return false
  }
  const ids = requestContextFromHeaders(headers)
  if (document instanceof OperationRefused) {
    // here and now: the long way would read the document twice more to come to the same
    const { errors } = document
    if (!response.destroyed) write({ errors }, type, ids, options.headersFor(headers.origin), response, options)
    return true
  }
  const asked = new PlainRequest(operation, document, caller, ids, headers, departureOf(response))
  const result = await (options.logsWithin
    ? withRequestContext(ids, () => options.gateway.executeOn(generation, asked))
    : options.gateway.executeOn(generation, asked))
  if (!response.destroyed) write(result, type, ids, options.headersFor(headers.origin), response, options)
  return true
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

/** Null for a subscription, which this door can't serve. */
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

function departureOf(response: ServerResponse): Departure {
  const departure = new Departure()
  response.on('close', () => {
    if (!response.writableFinished) departure.leave()
  })
  return departure
}

function write(
  result: ExecutionResult,
  type: AnswerType,
  ids: RequestContext,
  headers: readonly string[],
  response: ServerResponse,
  { formatError }: FastLaneOptions,
): void {
  const formatted = result.errors?.map((error) => withRequestContext(ids, () => formatError(error.toJSON(), error)))
  const answer = formatted === undefined ? result : { ...result, errors: formatted }
  send(response, statusOf(answer, type), contentTypeOf(type), ids, headers, `${JSON.stringify(answer)}\n`)
}

function refuseBody(request: IncomingMessage, response: ServerResponse, options: FastLaneOptions): void {
  const ids = requestContextFromHeaders(request.headers)
  const { status, json } = withRequestContext(ids, malformedBody)
  send(response, status, contentTypeOf('application/json'), ids, options.headersFor(request.headers.origin), json)
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  { requestId }: RequestContext,
  headers: readonly string[],
  json: string,
): void {
  const length = `${Buffer.byteLength(json)}`
  const own = ['x-request-id', requestId, 'content-type', contentType, 'content-length', length]
  response.writeHead(status, own.concat(NOT_STORED, headers)).end(json)
}
