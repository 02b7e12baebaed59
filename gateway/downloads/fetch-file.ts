import { request as askPlainly, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as askSecurely } from 'node:https'
import { Transform, type Readable } from 'node:stream'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.js'
import { isErrorCode, type ErrorCode } from '../../platform/errors/error-codes.js'
import type { SubgraphEndpoint } from '../subgraph-client/subgraph-endpoint.js'
import type { DownloadSettings } from './download-settings.js'

export interface SubgraphFile {
  readonly status: number
  /** What of the subgraph's headers a file needs. */
  readonly headers: Readonly<Record<string, string>>
  /** Fails where it is longer than may be, comes to an end too soon, or stands still. */
  readonly body: Readable
}

export interface FetchFileLimits extends Pick<DownloadSettings, 'maxBytes' | 'idleMs'> {
  /** Ends it at any time. */
  readonly signal: AbortSignal
}

/**
 * Asks a subgraph for a file, at its own host and never elsewhere. Throws AppError: the subgraph's own refusal where it is one of
 * the closed list, else SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT or SUBGRAPH_BAD_RESPONSE.
 */
export async function fetchFile(
  { url }: SubgraphEndpoint,
  asked: { readonly method: 'GET' | 'HEAD'; readonly path: string; readonly headers: Record<string, string> },
  limits: FetchFileLimits,
): Promise<SubgraphFile> {
  const answer = await ask(new URL(asked.path, url.origin), asked, limits)
  if (answer.statusCode !== 200) throw await refusalOf(answer)
  const bytes = Number(answer.headers['content-length'] ?? 0)
  if (bytes > limits.maxBytes || answer.headers['content-encoding'] !== undefined) {
    answer.destroy()
    throw new AppError('SUBGRAPH_BAD_RESPONSE', { cause: new Error('The file is too large, or encoded.') })
  }
  return { status: 200, headers: fileHeaders(answer.headers), body: bounded(answer, limits.maxBytes) }
}

function ask(
  url: URL,
  { method, headers }: { readonly method: string; readonly headers: Record<string, string> },
  { idleMs, signal }: FetchFileLimits,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? askSecurely : askPlainly
    const request = send(url, {
      method,
      headers: { ...headers, 'accept-encoding': 'identity' },
      signal,
      timeout: idleMs,
    })
    request.once('timeout', () => request.destroy(new AppError('SUBGRAPH_TIMEOUT')))
    request.once('error', (error) => {
      reject(error instanceof AppError ? error : new AppError('SUBGRAPH_UNAVAILABLE', { cause: error }))
    })
    request.once('response', resolve)
    request.end()
  })
}

const DISPOSITION = /^attachment(?:;|$)/i
const PASSED = ['content-type', 'content-length', 'last-modified', 'etag']

/** Always something to keep and never a page of ours, whatever the subgraph says. */
function fileHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value]] : []
  })
  const disposition = headers['content-disposition'] ?? ''
  return {
    'content-type': 'application/octet-stream',
    ...Object.fromEntries(passed),
    'content-disposition': DISPOSITION.test(disposition) ? disposition : 'attachment',
    'cache-control': 'no-store',
  }
}

function bounded(answer: IncomingMessage, maxBytes: number): Readable {
  let bytes = 0
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength
      done(bytes > maxBytes ? new Error('A file of a subgraph is larger than may be.') : null, chunk)
    },
  })
  answer.once('error', (error) => counting.destroy(error)) // also where it ends too soon
  counting.once('close', () => answer.destroy())
  return answer.pipe(counting)
}

const MOST_OF_A_REFUSAL = 64 * 1024

const refusal = z.object({
  errors: z.tuple([z.object({ message: z.string().max(1_000), extensions: z.object({ code: z.string() }) })]),
})

const byStatus: Readonly<Record<number, ErrorCode>> = {
  404: 'RES_NOT_FOUND',
  405: 'REQUEST_METHOD_NOT_ALLOWED',
  410: 'RES_NOT_FOUND',
  429: 'RATE_LIMIT_EXCEEDED',
  503: 'SUBGRAPH_UNAVAILABLE',
}

/** In the subgraph's words where its code is of the closed list; a redirect is no answer. */
async function refusalOf(answer: IncomingMessage): Promise<AppError> {
  const status = answer.statusCode ?? 0
  const cause = new Error(`A subgraph answered a download with ${status}.`)
  const said = refusal.safeParse(await beginningOf(answer)).data?.errors[0]
  if (said !== undefined && isErrorCode(said.extensions.code)) {
    return new AppError(said.extensions.code, { message: said.message, cause })
  }
  const code = byStatus[status] ?? 'SUBGRAPH_BAD_RESPONSE'
  return new AppError(code, {
    ...(code === 'REQUEST_METHOD_NOT_ALLOWED' && { message: 'A download is a GET.' }),
    cause,
  })
}

/** A short body as JSON; undefined for another. */
async function beginningOf(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer) {
      if (!(chunk instanceof Buffer)) return undefined
      chunks.push(chunk)
      bytes += chunk.byteLength
      if (bytes > MOST_OF_A_REFUSAL) return undefined // leaving the loop ends the connection
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
