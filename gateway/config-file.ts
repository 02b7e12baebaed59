import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../platform/config/read-config.js'
import { tokenEndSource, tokenEndsText } from '../platform/identity/token-end-source.js'
import { downloadSection } from './downloads/download-settings.js'
import { subgraphSubscriptions } from './subscriptions/feeds/upstream/upstream-settings.js'
import { defaultDocumentLimits } from './operation/default-limits.js'
import { subscriptionSection } from './subscriptions/subscription-settings.js'

const count = z.number().int().positive()
const limit = (value: number, meaning: string) => count.default(value).describe(meaning)
const httpUrl = z.string().regex(/^https?:\/\/\S+$/, 'must begin with http:// or https://')
const headerName = z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header, in small letters')

/** They describe a connection or a body that is not the subgraph's, or say who the caller is. */
const ownHeaders = new Set(
  'accept accept-encoding authorization connection content-encoding content-length content-type expect host keep-alive proxy-authorization te trailer traceparent transfer-encoding upgrade x-forwarded-for x-request-id'.split(
    ' ',
  ),
)

const { introspection: _introspection, suggestions: _suggestions, ...numbers } = defaultDocumentLimits

const limits = z.strictObject({
  maxTokens: limit(numbers.maxTokens, 'Tokens of a document, counted before it is parsed. Also GATEWAY_MAX_TOKENS.'),
  maxNesting: limit(numbers.maxNesting, 'Brackets within brackets, counted before a document is parsed.'),
  maxDepth: limit(numbers.maxDepth, 'Fields within fields, introspection apart. Also GATEWAY_MAX_DEPTH.'),
  maxAliases: limit(numbers.maxAliases, 'Aliases in a document. Also GATEWAY_MAX_ALIASES.'),
  maxRootFields: limit(numbers.maxRootFields, 'Fields at the root of an operation, those of fragments included.'),
  maxFields: limit(numbers.maxFields, 'Fields of an operation, a fragment counted each time it is spread.'),
  maxDuplicates: limit(numbers.maxDuplicates, 'Times a document repeats a field within one selection set.'),
  maxDirectives: limit(numbers.maxDirectives, 'Directives in a document.'),
  maxFragments: limit(numbers.maxFragments, 'Fragment definitions in a document.'),
  maxVariableDepth: limit(numbers.maxVariableDepth, 'Lists and objects within each other, in one variable.'),
  maxValidationErrors: limit(numbers.maxValidationErrors, 'Faults of a document that are looked for and told.'),
})

const acrLevel = z.string().regex(/^[^,\s]+$/, 'must be without spaces and commas')

const authorization = z.strictObject({
  mode: z
    .enum(['filter', 'reject'])
    .default('filter')
    .describe('What is not for the caller is left out of the answer, with errors; or the whole operation is refused.'),
  dryRun: z
    .boolean()
    .default(false)
    .describe('Nothing is left out or refused: extensions.authorization tells what would be.'),
  policiesClaim: z
    .string()
    .min(1)
    .default('policies')
    .describe("The access token's claim that names the policies its bearer meets."),
  acrLevels: z
    .array(acrLevel)
    .default([])
    .describe(
      'Values of the claim acr, weakest first: a later one stands in for an earlier. Empty: only equal values do. Also GATEWAY_ACR_LEVELS.',
    ),
})

const demand = z.strictObject({
  mode: z
    .enum(['off', 'measure', 'enforce'])
    .default('off')
    .describe('Costs are not computed; or logged; or operations above maxCost are refused.'),
  maxCost: count.default(10_000).describe('What one operation may be estimated to cost, by @cost and @listSize.'),
  assumedListSize: count.default(10).describe('Items of a list of which no @listSize says how long it is.'),
  showCost: z.boolean().default(false).describe('Costs are told in extensions.cost.'),
})

const planning = z.strictObject({
  timeoutMs: count
    .default(5_000)
    .describe(
      'How long the plan of one operation may be looked for, in a process of its own where that is not done at once.',
    ),
})

const subgraph = z.strictObject({
  url: httpUrl.optional().describe("In place of the supergraph's. Also GATEWAY_SUBGRAPH_URLS."),
  timeoutMs: count.optional().describe('In place of subgraphs.timeoutMs.'),
  subscriptions: subgraphSubscriptions
    .optional()
    .describe(
      'How it serves subscriptions, where it has some; over WebSocket at the address of its queries unless given.',
    ),
})

const subgraphs = z.strictObject({
  timeoutMs: count
    .optional()
    .describe('How long a subgraph has for an answer; 10000 unless given. Also GATEWAY_SUBGRAPH_TIMEOUT_MS.'),
  maxResponseBytes: count
    .optional()
    .describe('How large an answer may be; 10485760 unless given. Also GATEWAY_SUBGRAPH_MAX_RESPONSE_BYTES.'),
  byName: z.record(z.string(), subgraph).default({}).describe('What is particular to one subgraph, by its name.'),
})

const identity = z
  .strictObject({
    jwksUrl: httpUrl.describe('Where the keys of access tokens are. Also JWKS_URL.'),
    issuer: z.string().min(1).describe('The claim iss. Also TOKEN_ISSUER.'),
    audience: z.string().min(1).describe('The claim aud. Also TOKEN_AUDIENCE.'),
  })
  .describe(
    'Without it tokens are passed on and not verified here: what @authenticated and its like guard is then for nobody, and in production such a supergraph is refused.',
  )

const overrides = z.strictObject({
  labels: z
    .array(z.string().min(1))
    .default([])
    .describe('The labels of progressive overrides (@override with a label) that are on.'),
  header: headerName
    .optional()
    .describe(
      'A header with further labels of its request, to be taken out of what foreign clients send; none unless given.',
    ),
  percentBy: z
    .enum(['request', 'caller'])
    .default('request')
    .describe('What percent(n) counts: requests, or callers, who then stay on one side.'),
})

const metrics = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .optional()
      .describe('The address for them; 127.0.0.1 unless given. Also GATEWAY_METRICS_HOST.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe('Their port, 0 for any free one; there are none without it. Also GATEWAY_METRICS_PORT.'),
  })
  .describe('Numbers for Prometheus, at /metrics of an address of their own, which clients must not reach.')

/** Everything a gateway can be told in a file. An environment variable, where one is named, wins over it. */
export const gatewayFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    host: z.string().min(1).optional().describe('The address to listen on; 0.0.0.0 unless given. Also GATEWAY_HOST.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe('0 takes any free one; 8080 unless given. Also GATEWAY_PORT and --port.'),
    logLevel: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .optional()
      .describe('info unless given. Also LOG_LEVEL.'),
    supergraph: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The file of the graph to serve, from the folder of this file. Also GATEWAY_SUPERGRAPH and --supergraph.',
      ),
    natsUrl: z.string().min(1).optional().describe('Where events come from. Also NATS_URL.'),
    explorers: z
      .boolean()
      .optional()
      .describe('Landing page and explorer; true in development unless given. Also GATEWAY_EXPLORERS.'),
    introspection: z.boolean().optional().describe('True in development unless given. Also GATEWAY_INTROSPECTION.'),
    suggestions: z
      .boolean()
      .optional()
      .describe('Whether refusals say "Did you mean"; true in development unless given. Also GATEWAY_SUGGESTIONS.'),
    cors: z
      .strictObject({
        origins: z.array(httpUrl).default([]).describe('Origins whose pages may ask. Also GATEWAY_CORS_ORIGINS.'),
      })
      .optional(),
    headers: z
      .strictObject({
        forward: z
          .array(headerName.refine((name) => !ownHeaders.has(name), 'is set by the gateway itself'))
          .default([])
          .describe('Headers of a request that subgraphs are sent too, besides authorization, ids and address.'),
      })
      .optional(),
    limits: limits.prefault({}),
    authorization: authorization.prefault({}),
    demand: demand.prefault({}),
    planning: planning.prefault({}),
    subgraphs: subgraphs.prefault({}),
    overrides: overrides.prefault({}),
    subscriptions: subscriptionSection
      .prefault({})
      .describe('Operations that go on: over WebSockets, SSE and multipart.'),
    downloads: downloadSection
      .prefault({})
      .describe('Files of subgraphs that clients fetch through the gateway, by GET.'),
    metrics: metrics.prefault({}),
    identity: identity.optional(),
    tokenEnds: z
      .array(tokenEndSource)
      .min(1)
      .optional()
      .describe(
        'Where the bus tells that tokens end before their time: they are refused, and their streams end. Also TOKEN_ENDS.',
      ),
  })
  .describe('Configuration of the gateway: `npm run gateway -- --config FILE`, JSON or YAML.')

export type GatewayFile = z.output<typeof gatewayFileSchema>

/** Reads a file of JSON or YAML. Throws ConfigError with every fault, by its place in the file. */
export function readGatewayFile(file: string): GatewayFile {
  const parsed = gatewayFileSchema.safeParse(contentOf(file) ?? {})
  if (!parsed.success) {
    throw new ConfigError(
      'the gateway',
      parsed.error.issues.map(({ path: place, message }) =>
        [file, ...(place.length > 0 ? [place.join('.')] : []), message].join(': '),
      ),
    )
  }
  const { supergraph } = parsed.data
  if (supergraph === undefined) return parsed.data
  return { ...parsed.data, supergraph: path.resolve(path.dirname(file), supergraph) }
}

function contentOf(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) // JSON is YAML too
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : 'unknown').split('\n')
    throw new ConfigError('the gateway', [`${file}: can't be read: ${reason}`])
  }
}

/** The part of a file that has variables, in the form of those. */
export function variablesOf(file: GatewayFile): Record<string, string> {
  const { subgraphs, identity, authorization, subscriptions, metrics: told, limits: asked } = file
  const urls = Object.entries(subgraphs.byName).flatMap(([name, { url }]) =>
    url === undefined ? [] : [`${name}=${url}`],
  )
  const values: Record<string, string | number | boolean | undefined> = {
    GATEWAY_HOST: file.host,
    GATEWAY_PORT: file.port,
    LOG_LEVEL: file.logLevel,
    GATEWAY_SUPERGRAPH: file.supergraph,
    NATS_URL: file.natsUrl,
    GATEWAY_EXPLORERS: file.explorers,
    GATEWAY_INTROSPECTION: file.introspection,
    GATEWAY_SUGGESTIONS: file.suggestions,
    GATEWAY_CORS_ORIGINS: file.cors?.origins.join(),
    GATEWAY_MAX_TOKENS: asked.maxTokens,
    GATEWAY_MAX_DEPTH: asked.maxDepth,
    GATEWAY_MAX_ALIASES: asked.maxAliases,
    GATEWAY_SUBGRAPH_URLS: urls.join(),
    GATEWAY_SUBGRAPH_TIMEOUT_MS: subgraphs.timeoutMs,
    GATEWAY_SUBGRAPH_MAX_RESPONSE_BYTES: subgraphs.maxResponseBytes,
    GATEWAY_DOWNLOADS: Object.entries(file.downloads.byPrefix)
      .map(([prefix, name]) => `${prefix}=${name}`)
      .join(),
    GATEWAY_DRAIN_MS: subscriptions.drainMs,
    GATEWAY_ACR_LEVELS: authorization.acrLevels.join(),
    TOKEN_ENDS: file.tokenEnds === undefined ? undefined : tokenEndsText(file.tokenEnds),
    GATEWAY_METRICS_HOST: told.host,
    GATEWAY_METRICS_PORT: told.port,
    JWKS_URL: identity?.jwksUrl,
    TOKEN_ISSUER: identity?.issuer,
    TOKEN_AUDIENCE: identity?.audience,
  }
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

/** The JSON Schema of the file: docs/gateway-config.schema.json. */
export function gatewayFileJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(gatewayFileSchema, { io: 'input' }), null, 2)}\n`
}
