import type { RequestHandler } from 'express'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What a service's HTTP requests are counted by. Paths it does not have, and methods nobody needs, are one label. */
export interface RequestMetrics {
  /** Counts what passes through; to stand before every route. */
  readonly handler: RequestHandler
  /** The same for a request that is answered elsewhere, called when it begins. */
  begin(method: string, path: string): RequestUnderWay
}

export interface RequestUnderWay {
  ended(status: number): void
  /** Somebody else answers it, and counts it. */
  passedOn(): void
}

/** Seconds; from a millisecond to where a person has noticed. */
export const LATENCY_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

const paths = new Set(['/graphql', '/health', '/ready', '/.well-known/jwks.json'])
const methods = new Set(['GET', 'POST', 'OPTIONS'])

/** For several services of one process, told apart by the label `service`. */
export function createRequestMetrics(registry: Registry): (service: string) => RequestMetrics {
  const registers = [registry]
  const labelNames = ['service', 'method', 'path', 'status'] as const
  const total = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests that were answered; status 499 for those whose client left first.',
    labelNames,
    registers,
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames,
    buckets: LATENCY_SECONDS,
    registers,
  })
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'HTTP requests under way.',
    labelNames: ['service'],
    registers,
  })
  return (service) => {
    inFlight.set({ service }, 0)
    const usual = { service, method: 'POST', path: '/graphql', status: 200 }
    total.inc(usual, 0)
    duration.zero(usual)
    const begin: RequestMetrics['begin'] = (method, path) => {
      const begun = performance.now()
      inFlight.inc({ service })
      return {
        ended(status) {
          inFlight.dec({ service })
          const labels = { service, method: known(methods, method), path: known(paths, path), status }
          total.inc(labels)
          duration.observe(labels, (performance.now() - begun) / 1_000)
        },
        passedOn: () => inFlight.dec({ service }),
      }
    }
    return {
      begin,
      handler(request, response, next) {
        const { ended } = begin(request.method, request.path) // a router that answers has another path by then
        response.once('close', () => ended(response.writableFinished ? response.statusCode : CLIENT_LEFT))
        next()
      },
    }
  }
}

const CLIENT_LEFT = 499 // as nginx writes it; no answer has this status

function known(values: ReadonlySet<string>, value: string): string {
  return values.has(value) ? value : 'other'
}
