/**
 * The numbers of a process, for Prometheus. In: a registry that the process's parts count into. Out: GET /metrics on an address
 * of its own, in Prometheus's text format. It refuses everything else; who may reach the address, the network decides: what a
 * business does and how well can be read off the numbers, so they never stand at the address that clients reach.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Logger } from '../log/logger.js'
import { PortTakenError } from '../service/http-service.js'

/** A registry that has the numbers every process has: memory, CPU, event loop, garbage collection. */
export function createMetricsRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

export interface MetricsServerOptions {
  /** Of the process, for refusals. */
  readonly name: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly registry: Registry
  readonly logger: Logger
}

export interface MetricsServer {
  readonly port: number
  close(): Promise<void>
}

/** Throws PortTakenError. */
export async function openMetricsServer({
  name,
  host,
  port,
  registry,
  logger,
}: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') return answer(response, 404, 'Numbers are at /metrics.\n')
    if (request.method !== 'GET') return answer(response, 405, 'Numbers are read by GET.\n', { allow: 'GET' })
    registry.metrics().then(
      (text) => answer(response, 200, text, { 'content-type': registry.contentType }),
      (error: unknown) => {
        logger.error({ err: error }, 'numbers could not be gathered')
        answer(response, 500, 'Numbers could not be gathered.\n')
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(`the metrics of ${name}`, port) : error)
    })
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers })
  response.end(text)
}
