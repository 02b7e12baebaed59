/**
 * The door for files. In: GETs and HEADs under the paths configuration names, in plain characters and without a query. Out: the
 * subgraph's file as it comes, with no header but what a file needs. It refuses everything else: other methods, redirects, what
 * is too large or takes too long, more at once than may be; and passes on neither cookies nor tokens nor what a subgraph says of
 * itself.
 */
import { pipeline } from 'node:stream/promises'
import type { RequestHandler, Response } from 'express'
import { AppError } from '../../platform/errors/app-error.js'
import { clientAddress } from '../../platform/identity/client-headers.js'
import { currentRequestContext } from '../../platform/log/request-context.js'
import type { Logger } from '../../platform/log/logger.js'
import type { SubgraphEndpoint } from '../subgraph-client/subgraph-endpoint.js'
import type { DownloadSettings } from './download-settings.js'
import { fetchFile, type SubgraphFile } from './fetch-file.js'

export interface DownloadDoorOptions {
  readonly settings: DownloadSettings
  /** The subgraph of this name in the supergraph in use. */
  readonly endpointOf: (name: string) => SubgraphEndpoint | undefined
  readonly logger: Logger
}

/** One segment: it can't climb, name a host or hide anything in an encoding. */
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9._~-]{0,511}$/

/** To be mounted at the root; what is under none of the paths is passed on. */
export function createDownloadDoor(options: DownloadDoorOptions): RequestHandler {
  const { settings } = options
  let open = 0
  return (request, response, next) => {
    const prefix = [...settings.byPrefix.keys()].find((path) => request.path.startsWith(path))
    if (prefix === undefined) return next()
    response.setHeader('cache-control', 'no-store')
    const method = downloading(request.method)
    if (method === null) {
      response.setHeader('allow', 'GET, HEAD')
      return next(new AppError('REQUEST_METHOD_NOT_ALLOWED', { message: 'A download is a GET.' }))
    }
    const endpoint = options.endpointOf(settings.byPrefix.get(prefix) ?? '')
    const file = request.originalUrl.slice(prefix.length)
    if (endpoint === undefined || !FILE.test(file)) return next(nothingHere())
    if (open >= settings.maxOpen) {
      const message = 'Too many downloads are under way: try again in a moment.'
      return next(new AppError('RATE_LIMIT_EXCEEDED', { message, retryAfterSeconds: 10 }))
    }
    open += 1
    const asked = { method, path: prefix + file, headers: headersOf(request.ip) }
    pass(endpoint, asked, response, options)
      .catch((error: unknown) => next(error))
      .finally(() => (open -= 1))
  }
}

function downloading(method: string): 'GET' | 'HEAD' | null {
  return method === 'GET' || method === 'HEAD' ? method : null
}

function nothingHere(): AppError {
  return new AppError('RES_NOT_FOUND', { message: 'There is nothing to download at this address.' })
}

/** Who asks, for the subgraph's log; nothing that opens anything. */
function headersOf(ip: string | undefined): Record<string, string> {
  const ids = currentRequestContext()
  const address = clientAddress(ip, undefined)
  return {
    ...(ids && { 'x-request-id': ids.requestId }),
    ...(address !== null && { 'x-forwarded-for': address }),
  }
}

async function pass(
  endpoint: SubgraphEndpoint,
  asked: { readonly method: 'GET' | 'HEAD'; readonly path: string; readonly headers: Record<string, string> },
  response: Response,
  { settings, logger }: DownloadDoorOptions,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(settings.maxMs)])
  const file = await fetchFile(endpoint, asked, { ...settings, signal })
  writeHead(response, file)
  response.setTimeout(settings.idleMs)
  try {
    await pipeline(file.body, response, { signal })
  } catch (error) {
    response.destroy() // what has begun can only be broken off, which its length tells
    if (!gone.signal.aborted) logger.warn({ err: error, subgraph: endpoint.name }, 'a download broke off')
  }
}

function writeHead(response: Response, { status, headers }: SubgraphFile): void {
  response.status(status)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}
