/**
 * The short way on node:http, for connections the front door has handed over: plain requests are answered ahead of Express and
 * Apollo Server. In: the raw request. Out: the answer, or the request passed on with its body read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Departure } from '../subgraph-client/cancellation.js'
import { GrowingBytes } from './growing-bytes.js'
import { LONGEST_PLAIN_BODY, plainAnswerType, type AnswerPlain, type PlainAnswer } from './plain-answer.js'
import { parseJsonBody } from './plain-operation.js'

export interface FastLaneOptions {
  readonly path: string
  readonly answer: AnswerPlain
  readonly addressOf: (request: IncomingMessage) => string | null
  /** On every answer to a request from this origin; names and values in turn. */
  readonly headersFor: (origin: string | undefined) => readonly string[]
}

/** The rest of the way. A body that has been read is there already, parsed. */
export type LongWay = (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => void

export function createFastLane(options: FastLaneOptions, longWay: LongWay): LongWay {
  return (request, response) => {
    const type = isPlain(request, options.path) ? plainAnswerType(request.headers) : null
    if (type === null) return longWay(request, response)
    collectBody(request, (body) => {
      const { headers } = request
      const departure = departureOf(response)
      const take = (answer: PlainAnswer | null): void => {
        if (answer === null) longWay(Object.assign(request, { body: parseJsonBody(body) }), response)
        else if (!response.destroyed) send(response, answer, options.headersFor(headers.origin))
      }
      const answer = options.answer({ type, headers, body, address: options.addressOf(request), departure })
      if (!(answer instanceof Promise)) return take(answer)
      answer.then(take).catch(() => response.destroy()) // only writing can have failed
    })
  }
}

function isPlain({ method, url, headers }: IncomingMessage, path: string): boolean {
  if (method !== 'POST' || url !== path || headers.expect !== undefined) return false
  const length = Number(headers['content-length']) // not a number for a body in chunks
  return length > 0 && length <= LONGEST_PLAIN_BODY
}

/** A client that leaves before its body is complete is never answered. */
function collectBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const bytes = new GrowingBytes()
  request.on('data', (piece: Buffer) => bytes.add(piece))
  request.on('end', () => done(bytes.view()))
}

function departureOf(response: ServerResponse): Departure {
  const departure = new Departure()
  response.on('close', () => {
    if (!response.writableFinished) departure.leave()
  })
  return departure
}

function send(
  response: ServerResponse,
  { status, contentType, requestId, json }: PlainAnswer,
  headers: readonly string[],
): void {
  const length = `${Buffer.byteLength(json)}`
  const own = ['x-request-id', requestId, 'content-type', contentType, 'content-length', length]
  response.writeHead(status, own.concat('cache-control', 'no-store', headers)).end(json)
}
