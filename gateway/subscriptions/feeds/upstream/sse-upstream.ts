import { once } from 'node:events'
import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps } from 'node:https'
import { AppError } from '../../../../platform/errors/app-error.js'
import { isDataObject } from '../../../data-object.js'
import { refusalByStatus } from '../../../subgraph-client/subgraph-refusals.js'
import { refusedWith } from './refused-upstream.js'
import { headersIn } from './upstream-headers.js'
import { createSseParser, type SseEvent } from './sse-parser.js'
import type { ConnectUpstream, UpstreamEnd, UpstreamRequest, UpstreamSink } from './upstream.js'

/** A subscription over Server-Sent Events, one request each ("distinct connections mode" of the GraphQL over SSE protocol). */
export const connectSseUpstream: ConnectUpstream = (request, sink) => {
  const abort = new AbortController()
  const gate = createGate()
  follow(request, sink, abort.signal, gate)
    .catch((error: unknown): UpstreamEnd =>
      error instanceof AppError ? { kind: 'refused', refusal: error } : { kind: 'lost', cause: error },
    )
    .then((end) => abort.signal.aborted || sink.ended(end))
    .catch(() => undefined)
  return {
    pause: gate.shut,
    resume: gate.open,
    stop() {
      abort.abort()
      gate.open()
    },
  }
}

async function follow(
  request: UpstreamRequest,
  sink: UpstreamSink,
  signal: AbortSignal,
  gate: Gate,
): Promise<UpstreamEnd> {
  const response = await responseTo(request, signal)
  if (!String(response.headers['content-type'] ?? '').startsWith('text/event-stream')) return refused(response, request)
  sink.started()
  const parser = createSseParser(request.maxResultBytes)
  for await (const chunk of response) {
    for (const event of parser.push(chunk)) {
      if (signal.aborted) return { kind: 'complete' }
      if (event.name === 'complete') return { kind: 'complete' }
      if (event.name === 'next') sink.next(resultIn(event), event.bytes)
    }
    await gate.passed()
  }
  return { kind: 'lost', cause: new Error('the stream ended without being complete') }
}

const KEEP_ALIVE_MS = 10_000 // a quiet stream and a dead connection look alike

async function responseTo(request: UpstreamRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, operation, variables, headers, timeoutMs } = request
  const outgoing = (url.protocol === 'https:' ? overHttps : overHttp)(url, {
    method: 'POST',
    agent: false, // a stream has its connection for itself
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...Object.fromEntries(headersIn(headers)),
    },
    signal,
  })
  outgoing.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS))
  const timer = setTimeout(() => outgoing.destroy(new Error('the subgraph did not answer')), timeoutMs)
  try {
    outgoing.end(JSON.stringify({ query: operation, variables }))
    const [response]: IncomingMessage[] = await once(outgoing, 'response')
    if (response === undefined) throw new Error('there was no response')
    return response
  } finally {
    clearTimeout(timer)
    outgoing.on('error', () => undefined) // told by whoever reads the response
  }
}

function resultIn({ data }: SseEvent): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new AppError('SUBGRAPH_BAD_RESPONSE', { cause })
  }
}

/** An answer that is no stream: errors, or something else than the subgraph. */
async function refused(response: IncomingMessage, { maxResultBytes }: UpstreamRequest): Promise<UpstreamEnd> {
  const { statusCode = 0 } = response
  const errors = errorsIn(await shortText(response, maxResultBytes))
  if (errors !== null) return refusedWith(errors)
  const refusal = refusalByStatus(statusCode)
  if (refusal !== null) return { kind: 'refused', refusal }
  const cause = new Error(`the subgraph answered ${statusCode} and no stream of events`)
  if (statusCode >= 500 || statusCode === 429) return { kind: 'lost', cause }
  return { kind: 'refused', refusal: new AppError('SUBGRAPH_BAD_RESPONSE', { cause }) }
}

async function shortText(body: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) return ''
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function errorsIn(text: string): unknown[] | null {
  try {
    const body: unknown = JSON.parse(text)
    return isDataObject(body) && Array.isArray(body['errors']) ? body['errors'] : null
  } catch {
    return null
  }
}

interface Gate {
  shut(): void
  open(): void
  /** Resolves while it is open. */
  passed(): Promise<void>
}

function createGate(): Gate {
  let shut = false
  let waiting = () => {}
  return {
    shut: () => void (shut = true),
    open() {
      shut = false
      waiting()
    },
    passed: () => (shut ? new Promise((resolve) => (waiting = resolve)) : Promise.resolve()),
  }
}
