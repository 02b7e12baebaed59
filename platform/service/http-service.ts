import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { AppError } from '../errors/app-error.js'
import { errorCodes } from '../errors/error-codes.js'
import { requestContextFromHeaders, withRequestContext } from '../log/request-context.js'
import type { Logger } from '../log/logger.js'
import { toGraphQLError } from '../graphql/graphql-errors.js'
import type { RequestMetrics } from '../telemetry/request-metrics.js'
import { addHealthRoutes, type HealthChecks } from './health.js'

export interface HttpServiceOptions {
  readonly name: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly logger: Logger
  readonly checks: HealthChecks
  /** Counts every request, where numbers are gathered. */
  readonly requests?: RequestMetrics
  /** Mounted before everything else: what every answer carries, e.g. security headers. */
  readonly prepare?: (app: Express) => void
  /** Mounts the service's routes; the JSON body is parsed and the request context is set. */
  readonly mount: (app: Express) => void
  readonly front?: (app: Express) => Front
}

/** What stands before the routes, and passes on to them what it does not answer itself. */
export interface Front {
  /** Takes every request in their place; a body it has read it leaves in `body`. */
  readonly listener: RequestListener
  /** Takes every connection in place of `server`, which `pass` hands one to. */
  readonly openDoor: (server: Server, pass: (connection: Duplex) => void) => ConnectionDoor
}

/** Who takes connections before HTTP does. Sockets are half open when their client ends them, as those of an HTTP server. */
export interface ConnectionDoor {
  /** Connections it has not passed on. */
  readonly size: number
  take(socket: Socket): void
  /** Closes what is idle; what is under way ends, and its connection with it. */
  drain(): void
  /** Cuts off all there are. */
  destroy(): void
}

export interface HttpService {
  readonly name: string
  readonly port: number
  readonly server: Server
  /** Whether to believe what a machine says of those behind it; `hop` counts from the socket. */
  readonly trustsProxy: (address: string, hop: number) => boolean
  /** Stops accepting, lets requests in flight end, at most `graceMs` (default 10 s). */
  close(graceMs?: number): Promise<void>
}

/** The port is in use by another program; the message names the remedy. */
export class PortTakenError extends Error {
  constructor(name: string, port: number) {
    super(
      `Port ${port} for ${name} is in use by another program. Stop that program, or choose another port (see .env.example).`,
    )
    this.name = 'PortTakenError'
  }
}

const BODY_LIMIT = '1mb' // G-11: larger things are uploaded elsewhere

/** A listening HTTP server with /health, /ready, request ids, a body limit and coded errors. Throws PortTakenError. */
export async function openHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', 'loopback, linklocal, uniquelocal')
  if (options.requests !== undefined) app.use(options.requests.handler)
  app.use((req, res, next) => {
    const context = requestContextFromHeaders(req.headers)
    res.setHeader('x-request-id', context.requestId)
    withRequestContext(context, next, new Promise((resolve) => res.once('close', resolve)))
  })
  options.prepare?.(app)
  addHealthRoutes(app, options.checks)
  app.use(express.json({ limit: BODY_LIMIT }))
  options.mount(app)
  app.use((_req, _res, next) =>
    next(new AppError('RES_NOT_FOUND', { message: 'There is nothing at this path: GraphQL is at /graphql.' })),
  )
  app.use(answerBodyFaults(options.logger))
  const front = options.front?.(app)
  const server = createServer(front?.listener ?? app)
  const door = front === undefined ? null : openDoor(server, front)
  await listen(server, options)
  return {
    name: options.name,
    port: (server.address() as AddressInfo).port,
    server,
    trustsProxy: app.get('trust proxy fn'),
    close: (graceMs = 10_000) => closeServer(server, door, graceMs),
  }
}

function listen(server: Server, { name, host, port }: HttpServiceOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(name, port) : error)
    })
    server.listen(port, host, resolve)
  })
}

/** In place of the server's own listener for connections, to which a connection then goes by being passed on. */
function openDoor(server: Server, front: Front): ConnectionDoor {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  const door = front.openDoor(server, (socket) => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket])
  })
  server.on('connection', (socket) => door.take(socket))
  return door
}

function closeServer(server: Server, door: ConnectionDoor | null, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections()
      door?.destroy()
    }, graceMs)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
    door?.drain()
  })
}

interface BodyFault {
  readonly type?: string
  readonly status?: number
  readonly code?: string
}

/** Body-parser's failures as GraphQL errors, so that a client meets one form of error everywhere. */
function answerBodyFaults(logger: Logger): ErrorRequestHandler {
  return (error: BodyFault, _req, res, next) => {
    if (res.headersSent) return next(error)
    const refusal = refusalFor(error)
    if (refusal.code === 'INT_INTERNAL_ERROR') logger.error({ err: error }, 'unexpected error')
    res.setHeader('cache-control', 'no-store')
    res.status(errorCodes[refusal.code].status).json(bodyOf(refusal))
  }
}

/** What a body that is not JSON is refused with, for whoever stands before the routes. */
export function malformedBody(): { readonly status: number; readonly json: string } {
  const refusal = new AppError('REQUEST_BODY_MALFORMED')
  return { status: errorCodes[refusal.code].status, json: JSON.stringify(bodyOf(refusal)) }
}

function bodyOf(refusal: AppError): object {
  const { http, ...extensions } = toGraphQLError(refusal).extensions
  void http
  return { errors: [{ message: refusal.message, extensions }] }
}

/** Body-parser passes on what zlib says of a broken body, with a status and without a type. */
function isClientFault({ status, code }: BodyFault): boolean {
  return (status !== undefined && status >= 400 && status < 500) || code?.startsWith('Z_') === true
}

function refusalFor(error: BodyFault): AppError {
  if (error instanceof AppError) return error
  if (error.type === 'entity.too.large') return new AppError('REQUEST_BODY_TOO_LARGE')
  if (error.type !== undefined || isClientFault(error)) return new AppError('REQUEST_BODY_MALFORMED', { cause: error })
  return new AppError('INT_INTERNAL_ERROR', { cause: error })
}
