/** A gateway for tests. In: a supergraph. Out: the gateway on a free port of loopback, asked over HTTP as a client would. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { readGatewayConfig, type GatewayConfig } from '../../gateway/config.js'
import type { GatewayParts } from '../../gateway/gateway-parts.js'
import { openGateway, type RunningGateway } from '../../gateway/open-gateway.js'
import { createLogger } from '../../platform/log/logger.js'

export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const answerSchema = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.looseObject({ code: z.string(), service: z.string().optional() }),
      }),
    )
    .optional(),
})

export type GatewayAnswer = z.output<typeof answerSchema> & { readonly status: number; readonly headers: Headers }

export interface TestGateway {
  readonly running: RunningGateway
  readonly url: string
  /** Lines of the log so far. */
  readonly log: readonly string[]
  ask(query: string, options?: AskOptions): Promise<GatewayAnswer>
  /** Puts another text in place of the supergraph file's, at once and whole. */
  replaceSupergraph(sdl: string): Promise<void>
  close(): Promise<void>
}

export interface TestGatewayOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: Partial<GatewayConfig>
  readonly parts?: Partial<GatewayParts>
}

export async function startTestGateway(supergraph: string, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gateway-'))
  const file = path.join(folder, 'supergraph.graphql')
  await writeFile(file, supergraph)
  const log: string[] = []
  const logger = createLogger({
    service: 'gateway',
    level: 'debug',
    destination: { write: (line) => void log.push(line) },
  })
  const environment = { GATEWAY_SUPERGRAPH: file, GATEWAY_PORT: '0', GATEWAY_HOST: '127.0.0.1', ...options.environment }
  const running = await openGateway(
    { ...readGatewayConfig(environment, []), ...options.config },
    { bus: null, logger, supergraphPollMs: 20, ...options.parts },
  )
  const url = `http://127.0.0.1:${running.port}/graphql`
  return {
    running,
    url,
    log,
    ask: (query, asked) => ask(url, query, asked),
    async replaceSupergraph(sdl) {
      await writeFile(`${file}.new`, sdl)
      await rename(`${file}.new`, file)
    },
    async close() {
      await running.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function ask(url: string, query: string, options: AskOptions = {}): Promise<GatewayAnswer> {
  const { variables, operationName, headers, signal } = options
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables, operationName }),
    ...(signal && { signal }),
  })
  return { ...answerSchema.parse(await response.json()), status: response.status, headers: response.headers }
}
