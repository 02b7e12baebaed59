import { z } from 'zod'
import { portNumber, readEnvironment } from '../../platform/config/read-config.js'
import type { AiModality } from './domain/ai-model.js'

export interface AiProviderConfig {
  readonly name: string
  /** What comes before `/chat/completions`, e.g. `https://integrate.api.nvidia.com/v1`. */
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly models: readonly {
    readonly id: string
    readonly contextWindow: number
    readonly outputLimit: number
    readonly modalities: readonly AiModality[]
  }[]
}

export interface AiConfig {
  readonly http: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
  }
  /** Their models are tried in this order. Empty: every request fails, saying so. */
  readonly providers: readonly AiProviderConfig[]
  /** For one try of one model. */
  readonly timeoutMs: number
  readonly workers: {
    /** Requests worked on at the same time by one replica. */
    readonly concurrency: number
    /** After so long without a sign of life of its worker a request is given to another one. */
    readonly leaseMs: number
    /** How often such requests are looked for. */
    readonly searchEveryMs: number
  }
}

/** For a launcher and for tests: what the environment need not say. */
export const defaultWorkers: AiConfig['workers'] = { concurrency: 4, leaseMs: 30_000, searchEveryMs: 10_000 }

const model = z.strictObject({
  id: z.string().min(1).max(200),
  contextWindow: z.int().positive(),
  outputLimit: z.int().positive(),
  modalities: z.array(z.enum(['TEXT', 'VISION', 'CODE'])).min(1),
})

const provider = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,50}$/, 'must be 1 to 50 letters, digits, dots, dashes'),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine((url) => !url.includes('@'), 'must not contain credentials: use apiKey'),
  apiKey: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')
    .nullish()
    .transform((key) => key ?? null),
  models: z.array(model).min(1),
})

const providers = z
  .array(provider)
  .refine((all) => areDistinct(all.map(({ name }) => name)), 'two providers have the same name')
  .refine((all) => all.every(({ models }) => areDistinct(models.map(({ id }) => id))), 'a provider names a model twice')

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}

const variables = z.object({
  AI_HOST: z.string().default('0.0.0.0'),
  AI_PORT: portNumber.default(8084),
  AI_PROVIDERS: z
    .string()
    .default('[]')
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        // the parser's own words would repeat a piece of the text, perhaps of a key
        context.addIssue({ code: 'custom', message: 'is not JSON' })
        return z.NEVER
      }
    })
    .pipe(providers),
  AI_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(600_000).default(120_000),
  AI_CONCURRENCY: z.coerce.number().int().min(1).max(256).default(defaultWorkers.concurrency),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const aiVariables = variables.shape

/** The ai service's configuration from its environment. Throws ConfigError with every fault. */
export function readAiConfig(environment: Readonly<Record<string, string | undefined>>): AiConfig {
  const values = readEnvironment('ai', variables, environment)
  return {
    http: { host: values.AI_HOST, port: values.AI_PORT },
    providers: values.AI_PROVIDERS,
    timeoutMs: values.AI_TIMEOUT_MS,
    workers: { ...defaultWorkers, concurrency: values.AI_CONCURRENCY },
  }
}
