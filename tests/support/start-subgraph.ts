/**
 * One subgraph by itself, over HTTP, on a database of its own. In: how to open it. Out: questions to it and the bus its events
 * arrive on. Bus and cache are in process; tokens come from an issuer made here.
 */
import { z } from 'zod'
import type { Bus } from '../../platform/bus/bus.js'
import { createInProcessBus } from '../../platform/bus/in-process-bus.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { createLogger, type Logger } from '../../platform/log/logger.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { createTestDatabase } from './create-test-database.js'
import { createTestIssuer, type TestIssuer } from './test-tokens.js'

export interface StartSubgraphOptions {
  readonly open: (engines: Engines) => Promise<RunningService>
  /** What the service is given in place of the bus it would have. */
  readonly wrapBus?: (bus: Bus) => Bus
  readonly logger?: Logger
}

export interface Answer {
  readonly status: number
  readonly data: z.infer<typeof anyData>
  readonly errors: readonly AnsweredError[]
}

export type AnsweredError = z.infer<typeof answeredError>

export interface StartedSubgraph {
  readonly engines: Engines
  readonly issuer: TestIssuer
  readonly port: number
  /** Asks the service, or a replica of it at another port. */
  ask(query: string, variables?: Record<string, unknown>, token?: string, port?: number): Promise<Answer>
  /** Closes the service and keeps its database and bus. */
  stop(): Promise<void>
  /** Opens it again after `stop`. */
  start(): Promise<void>
  close(): Promise<void>
}

const anyData = z.record(z.string(), z.unknown()).nullable()

const answeredError = z.object({
  message: z.string(),
  extensions: z.object({
    code: z.string(),
    details: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
    retryAfter: z.number().optional(),
  }),
})

const answered = z.object({ data: anyData.optional(), errors: z.array(answeredError).optional() })

export async function startSubgraph(options: StartSubgraphOptions): Promise<StartedSubgraph> {
  const logger = options.logger ?? createLogger({ service: 'test', level: 'silent' })
  const [database, issuer] = await Promise.all([createTestDatabase(), createTestIssuer()])
  const bus = createInProcessBus({ logger })
  const cache = createInProcessCache()
  const engines: Engines = {
    databaseUrl: database.url,
    databasePoolSize: 10,
    bus: options.wrapBus?.(bus) ?? bus,
    cache,
    verifier: issuer.verifier,
    logger,
  }
  let service: RunningService | undefined = await options.open(engines)
  const stop = async () => {
    await service?.close()
    service = undefined
  }
  return {
    engines,
    issuer,
    get port() {
      return service?.port ?? 0
    },
    async ask(query, variables = {}, token, port = service?.port) {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      })
      const { data = null, errors = [] } = answered.parse(await response.json())
      return { status: response.status, data, errors }
    },
    stop,
    async start() {
      service = await options.open(engines)
    },
    async close() {
      await stop()
      await Promise.all([bus.close(), cache.close()])
      await database.drop()
    },
  }
}
