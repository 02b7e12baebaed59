import path from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { flag, portNumber, readEnvironment, ConfigError } from '../platform/config/read-config.js'
import { tokenEndSources, type TokenEndSource } from '../platform/identity/token-end-source.js'
import type { LogLevel } from '../platform/log/logger.js'
import { projectRoot } from '../platform/service/project-root.js'
import type { AccessSettings } from './authorization/enforce-access.js'
import { gatewayFileSchema, readGatewayFile, variablesOf, type GatewayFile } from './config-file.js'
import type { DemandSettings } from './demand/demand-control.js'
import { defaultDocumentLimits } from './operation/default-limits.js'
import { downloadPairs, type DownloadSettings } from './downloads/download-settings.js'
import type { DocumentLimits } from './operation/document-store.js'
import type { SubgraphSubscriptions } from './subscriptions/feeds/upstream/upstream-settings.js'
import type { OverrideSettings } from './plan/override-labels.js'
import { cursorKeys, DEFAULT_DRAIN_MS, type SubscriptionSettings } from './subscriptions/subscription-settings.js'

export interface GatewayConfig {
  /** Nothing is made up in place of secrets, and what only developers need is closed. */
  readonly production: boolean
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly logLevel: LogLevel
  readonly supergraphFile: string
  /** Landing page and offline explorer. */
  readonly explorers: boolean
  readonly corsOrigins: readonly string[]
  readonly limits: DocumentLimits
  readonly subgraphs: {
    readonly urlOverrides: ReadonlyMap<string, URL>
    readonly timeoutMs: number
    /** In place of it, by the name of a subgraph. */
    readonly timeouts: ReadonlyMap<string, number>
    readonly maxResponseBytes: number
    /** How those that serve subscriptions themselves do so, by name; the others over WebSocket at the address of their queries. */
    readonly subscriptions: ReadonlyMap<string, SubgraphSubscriptions>
  }
  readonly downloads: DownloadSettings
  /** Headers of a request that subgraphs are sent too, in small letters. */
  readonly forwardHeaders: readonly string[]
  readonly authorization: Omit<AccessSettings, 'evaluatePolicies'> & {
    /** The claim that names a caller's policies, where no hook evaluates them. */
    readonly policiesClaim: string
  }
  readonly overrides: Omit<OverrideSettings, 'overrideLabels'>
  readonly demand: DemandSettings
  /** How long the plan of one operation may be looked for. */
  readonly planning: { readonly timeoutMs: number }
  readonly subscriptions: SubscriptionSettings
  /** Where Prometheus reads numbers. Null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  /** Null: tokens are passed on and not verified here. */
  readonly identity: { readonly jwksUrl: URL; readonly issuer: string; readonly audience: string } | null
  /** Where the bus tells that tokens end before their time. Empty: they are good as long as they say. */
  readonly tokenEnds: readonly TokenEndSource[]
  /** Whether a supergraph with access directives is refused where tokens are not verified. */
  readonly needsKeySet: boolean
  /** Null: subscriptions to events are answered SUBSCRIPTION_SOURCE_UNAVAILABLE. */
  readonly natsUrl: string | null
}

const STUDIO_ORIGIN = 'https://studio.apollographql.com' // the hosted Sandbox runs there

const origins = z
  .string()
  .transform((text) => splitList(text))
  .pipe(
    z.array(
      z.url({ protocol: /^https?$/, error: 'must be origins such as https://app.example.com, separated by commas' }),
    ),
  )

const urlOverrides = z.string().transform((text, context) => {
  const urls = new Map<string, URL>()
  for (const entry of splitList(text)) {
    const [name = '', url = ''] = splitOnce(entry, '=')
    if (name === '' || !URL.canParse(url)) {
      context.issues.push({ code: 'custom', input: text, message: 'must be name=url pairs, separated by commas' })
      return z.NEVER
    }
    urls.set(name, new URL(url))
  }
  return urls
})

const acrLevels = z
  .string()
  .transform((text) => splitList(text))
  .refine((levels) => new Set(levels).size === levels.length, 'must be values of acr, weakest first, each once')

const environmentSchema = z.object({
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  GATEWAY_HOST: z.string().default('0.0.0.0'),
  GATEWAY_PORT: portNumber.default(8080),
  GATEWAY_SUPERGRAPH: z.string().default(path.join(projectRoot, 'schema', 'supergraph.graphql')),
  GATEWAY_CORS_ORIGINS: origins.default([]),
  GATEWAY_INTROSPECTION: flag.optional(),
  GATEWAY_SUGGESTIONS: flag.optional(),
  GATEWAY_EXPLORERS: flag.optional(),
  GATEWAY_MAX_TOKENS: z.coerce.number().int().positive().default(defaultDocumentLimits.maxTokens),
  GATEWAY_MAX_DEPTH: z.coerce.number().int().positive().default(defaultDocumentLimits.maxDepth),
  GATEWAY_MAX_ALIASES: z.coerce.number().int().positive().default(defaultDocumentLimits.maxAliases),
  GATEWAY_SUBGRAPH_URLS: urlOverrides.default(new Map<string, URL>()),
  GATEWAY_SUBGRAPH_TIMEOUT_MS: z.coerce.number().int().positive().default(10_000),
  GATEWAY_SUBGRAPH_MAX_RESPONSE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(10 * 1024 * 1024),
  GATEWAY_DOWNLOADS: downloadPairs.default({}),
  GATEWAY_CURSOR_KEYS: cursorKeys.optional(),
  GATEWAY_DRAIN_MS: z.coerce.number().int().positive().max(30_000).default(DEFAULT_DRAIN_MS),
  GATEWAY_ACR_LEVELS: acrLevels.optional(),
  GATEWAY_METRICS_HOST: z.string().default('127.0.0.1'),
  GATEWAY_METRICS_PORT: portNumber.optional(),
  JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  TOKEN_ISSUER: z.string().optional(),
  TOKEN_AUDIENCE: z.string().optional(),
  TOKEN_ENDS: tokenEndSources.optional(),
  NATS_URL: z.string().optional(),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const gatewayVariables = environmentSchema.shape

/**
 * Reads `--supergraph FILE` and `--port N`, which win over the environment, which wins over the file of `--config FILE`.
 * Throws ConfigError with every fault.
 */
export function readGatewayConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  args: readonly string[] = process.argv.slice(2),
): GatewayConfig {
  const flags = readFlags(args)
  const file = flags.config === undefined ? gatewayFileSchema.parse({}) : readGatewayFile(flags.config)
  const read = readEnvironment('the gateway', environmentSchema, {
    ...variablesOf(file),
    ...withoutEmpty(environment),
    ...(flags.supergraph !== undefined && { GATEWAY_SUPERGRAPH: flags.supergraph }),
    ...(flags.port !== undefined && { GATEWAY_PORT: flags.port }),
  })
  const production = read.NODE_ENV === 'production'
  const open = !production
  return {
    production,
    host: read.GATEWAY_HOST,
    port: read.GATEWAY_PORT,
    logLevel: read.LOG_LEVEL,
    supergraphFile: path.resolve(read.GATEWAY_SUPERGRAPH),
    explorers: read.GATEWAY_EXPLORERS ?? open,
    corsOrigins: open ? [...read.GATEWAY_CORS_ORIGINS, STUDIO_ORIGIN] : read.GATEWAY_CORS_ORIGINS,
    limits: {
      ...file.limits,
      maxTokens: read.GATEWAY_MAX_TOKENS,
      maxDepth: read.GATEWAY_MAX_DEPTH,
      maxAliases: read.GATEWAY_MAX_ALIASES,
      introspection: read.GATEWAY_INTROSPECTION ?? open,
      suggestions: read.GATEWAY_SUGGESTIONS ?? open,
    },
    subgraphs: {
      urlOverrides: read.GATEWAY_SUBGRAPH_URLS,
      timeoutMs: read.GATEWAY_SUBGRAPH_TIMEOUT_MS,
      timeouts: timeoutsOf(file),
      maxResponseBytes: read.GATEWAY_SUBGRAPH_MAX_RESPONSE_BYTES,
      subscriptions: subscriptionsOf(file),
    },
    downloads: { ...file.downloads, byPrefix: new Map(Object.entries(read.GATEWAY_DOWNLOADS)) },
    forwardHeaders: file.headers?.forward ?? [],
    authorization: { ...file.authorization, acrLevels: read.GATEWAY_ACR_LEVELS ?? [] },
    overrides: { ...file.overrides, header: file.overrides.header ?? null },
    demand: file.demand,
    planning: file.planning,
    subscriptions: {
      cursorKeys: read.GATEWAY_CURSOR_KEYS ?? null,
      limits: file.subscriptions.limits,
      drainMs: read.GATEWAY_DRAIN_MS,
    },
    metrics:
      read.GATEWAY_METRICS_PORT === undefined
        ? null
        : { host: read.GATEWAY_METRICS_HOST, port: read.GATEWAY_METRICS_PORT },
    identity: readIdentity(read),
    tokenEnds: read.TOKEN_ENDS ?? [],
    needsKeySet: !open,
    natsUrl: read.NATS_URL ?? null,
  }
}

function readIdentity(read: z.output<typeof environmentSchema>): GatewayConfig['identity'] {
  if (read.JWKS_URL === undefined) return null
  const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = read
  if (issuer !== undefined && audience !== undefined) return { jwksUrl: new URL(read.JWKS_URL), issuer, audience }
  throw new ConfigError('the gateway', ['TOKEN_ISSUER, TOKEN_AUDIENCE: needed together with JWKS_URL'])
}

function timeoutsOf({ subgraphs }: GatewayFile): Map<string, number> {
  const entries = Object.entries(subgraphs.byName)
  return new Map(entries.flatMap(([name, { timeoutMs }]) => (timeoutMs === undefined ? [] : [[name, timeoutMs]])))
}

function subscriptionsOf({ subgraphs }: GatewayFile): Map<string, SubgraphSubscriptions> {
  const entries = Object.entries(subgraphs.byName)
  return new Map(
    entries.flatMap(([name, { subscriptions }]) => (subscriptions === undefined ? [] : [[name, subscriptions]])),
  )
}

/** An empty variable counts as unset, so that the file's value stands. */
function withoutEmpty(environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
}

interface Flags {
  readonly config?: string | undefined
  readonly supergraph?: string | undefined
  readonly port?: string | undefined
}

const flagOptions = { config: { type: 'string' }, supergraph: { type: 'string' }, port: { type: 'string' } } as const

function readFlags(args: readonly string[]): Flags {
  try {
    return parseArgs({ args: [...args], options: flagOptions }).values
  } catch (error) {
    throw new ConfigError('the gateway', [
      `${error instanceof Error ? error.message : 'unknown flag'}; known: --config FILE, --supergraph FILE, --port N`,
    ])
  }
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
