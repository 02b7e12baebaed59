/**
 * The ai subgraph with a provider to play with. In: nothing. Out: people who ask, what they are told, and what the other
 * services are told. Two of the three models are at a provider with a key, the third is at one without.
 */
import pg from 'pg'
import { z } from 'zod'
import type { Bus } from '../../platform/bus/bus.js'
import { createLogger } from '../../platform/log/logger.js'
import { defaultWorkers, type AiConfig } from '../../subgraphs/ai/config.js'
import { openAiService } from '../../subgraphs/ai/service.js'
import { startOpenAiServer, type OpenAiServer, type OpenAiStep } from './openai-server.js'
import { startSubgraph, type Answer, type StartedSubgraph } from './start-subgraph.js'

const WHOLE_REQUEST = `fragment whole on AiRequest {
  id state prompt output model failure { code message } promptTokens completionTokens latencyMs createdAt finishedAt
  user { __typename id }
}`
export const GENERATE = `mutation ($input: GenerateWithAiInput!) { generateWithAi(input: $input) { ...whole } } ${WHOLE_REQUEST}`
export const READ = `query ($id: ID!) { aiRequest(id: $id) { ...whole } } ${WHOLE_REQUEST}`

export const API_KEY = 'sk-never-to-be-seen'

export interface StartedAi {
  readonly provider: OpenAiServer
  readonly subgraph: StartedSubgraph
  /** The service's database. */
  readonly database: pg.Pool
  /** Every line that was logged. */
  readonly logged: readonly string[]
  /** As the service runs now. */
  config(): AiConfig
  /** Closes the service and opens it again, configured otherwise where told. */
  restart(changes?: Partial<AiConfig>): Promise<void>
  /** Somebody who agrees to have models asked, unless told otherwise. */
  person(options?: { readonly roles?: readonly string[]; readonly agrees?: boolean }): Promise<Person>
  /** What the other services were told about the end of a request, up to now. */
  endsOf(id: string): Promise<readonly unknown[]>
  close(): Promise<void>
}

export interface Person {
  readonly userId: string
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>
  /** Asks a question that is accepted. */
  generate(input?: Record<string, unknown>): Promise<AskedRequest>
  read(id: string): Promise<AskedRequest>
  /** What they are told about a request of theirs, from its beginning to its end. */
  progressOf(id: string): Promise<readonly Progress[]>
  statesOf(id: string): Promise<readonly string[]>
}

const askedRequest = z.looseObject({ id: z.string(), state: z.string(), output: z.string().nullable() })
type AskedRequest = z.infer<typeof askedRequest>

const progress = z.object({ state: z.string(), percent: z.number(), message: z.string() })
type Progress = z.infer<typeof progress>

export async function startAi(changes: Partial<AiConfig> = {}): Promise<StartedAi> {
  const provider = await startOpenAiServer()
  let config = { ...configFor(provider), ...changes }
  const logged: string[] = []
  const subgraph = await startSubgraph({
    open: (engines) => openAiService(config, engines),
    logger: createLogger({ service: 'test', level: 'trace', destination: { write: (line) => void logged.push(line) } }),
  })
  const database = new pg.Pool({ connectionString: subgraph.engines.databaseUrl, max: 1 })
  return {
    provider,
    subgraph,
    database,
    logged,
    config: () => config,
    async restart(more = {}) {
      config = { ...config, ...more }
      await subgraph.stop()
      await subgraph.start()
    },
    async person({ roles, agrees = true } = {}) {
      const person = await createPerson(subgraph, roles)
      if (agrees) {
        const agreeing = `INSERT INTO ai.ai_consents (user_id, given, version, changed_at) VALUES ($1, true, '1', now())`
        await database.query(agreeing, [person.userId])
      }
      return person
    },
    endsOf: (id) => endsOf(subgraph.engines.bus, id),
    async close() {
      await database.end()
      await subgraph.close()
      await provider.close()
    },
  }
}

function configFor({ baseUrl }: OpenAiServer): AiConfig {
  const model = (id: string) => ({ id, contextWindow: 8_192, outputLimit: 512, modalities: ['TEXT' as const] })
  return {
    http: { host: '127.0.0.1', port: 0 },
    providers: [
      { name: 'first', baseUrl, apiKey: API_KEY, models: [model('large'), model('small')] },
      { name: 'second', baseUrl: `${baseUrl}/`, apiKey: null, models: [model('spare')] },
    ],
    timeoutMs: 20_000,
    workers: { ...defaultWorkers, searchEveryMs: 20 },
  }
}

async function createPerson(subgraph: StartedSubgraph, roles: readonly string[] = ['user']): Promise<Person> {
  const userId = crypto.randomUUID()
  const token = await subgraph.issuer.token({ userId, roles })
  const ask: Person['ask'] = (query, variables = {}) => subgraph.ask(query, variables, token)
  const progressOf = async (id: string) => {
    const follower = await subgraph.engines.bus.follow(`progress.ai.${userId}.${id}`, 'all')
    const steps: Progress[] = []
    for await (const { envelope } of follower) {
      steps.push(progress.parse(envelope.data))
      if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(steps.at(-1)?.state ?? '')) return steps
    }
    return steps
  }
  return {
    userId,
    ask,
    generate: async (input = {}) => requestIn(await ask(GENERATE, { input: { prompt: 'Why?', ...input } })),
    read: async (id) => requestIn(await ask(READ, { id })),
    progressOf,
    statesOf: async (id) => (await progressOf(id)).map(({ state }) => state),
  }
}

function requestIn({ data, errors }: Answer): AskedRequest {
  if (errors.length > 0) throw new Error(`This should have been answered: ${JSON.stringify(errors)}`)
  return askedRequest.parse(Object.values(data ?? {})[0])
}

/** What was told about the end of a request, up to now: an event of our own marks where the log ends. */
export async function endsOf(bus: Bus, requestId: string): Promise<readonly unknown[]> {
  const follower = await bus.follow('events.>', 'all')
  const id = crypto.randomUUID()
  const occurredAt = new Date().toISOString()
  await bus.publish('events.test.mark', { id, type: 'test.mark', version: 1, occurredAt, traceId: id, data: null })
  const ends: unknown[] = []
  for await (const { envelope } of follower) {
    if (envelope.id === id) break
    if (envelope.type === 'ai.completed' && JSON.stringify(envelope.data).includes(requestId)) ends.push(envelope.data)
  }
  return ends
}

/** A script that answers when it is told to; `asked` resolves when it has been asked. */
export function createGate(step: OpenAiStep) {
  let open = () => {}
  let ask = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const asked = new Promise<void>((resolve) => (ask = resolve))
  const script = async () => {
    ask()
    await opened
    return step
  }
  return { script, open: () => open(), asked }
}
