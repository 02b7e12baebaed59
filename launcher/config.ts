/**
 * How the whole house is started in one process. In: the environment. Out: which engines are real, where development data
 * lies, and the environment that every service then reads for itself. It is the only reader of `process.env` here.
 */
import path from 'node:path'
import { z } from 'zod'
import { portNumber, readEnvironment } from '../platform/config/read-config.js'
import { tokenEndSources, type TokenEndSource } from '../platform/identity/token-end-source.js'
import type { LogLevel } from '../platform/log/logger.js'
import { metricsVariables, type MetricsAddress } from '../platform/telemetry/open-process-metrics.js'
import { projectRoot } from '../platform/service/project-root.js'
import { tokenEnds } from './token-ends.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LauncherConfig {
  /** As it came; services read their own variables from it. */
  readonly environment: Environment
  /** False in production: secrets are not made up then, and logs are JSON. */
  readonly development: boolean
  /** Secrets and the embedded database. */
  readonly dataFolder: string
  readonly logLevel: LogLevel
  /** Null: an embedded Postgres. */
  readonly databaseUrl: string | null
  /** Connections a service may hold. */
  readonly databasePoolSize: number
  /** Null: events stay in this process. */
  readonly natsUrl: string | null
  /** Null: the cache stays in this process. */
  readonly redisUrl: string | null
  /** Where the numbers of the subgraphs are told; the gateway's have an address of their own. */
  readonly metrics: MetricsAddress
  readonly tokens: { readonly issuer: string; readonly audience: string }
  /** Where the bus tells that tokens end before their time. */
  readonly tokenEnds: readonly TokenEndSource[]
  /** 0 takes any free port. */
  readonly ports: Readonly<Record<ServiceName | 'gateway' | 'web', number>>
}

export const serviceNames = ['auth', 'user', 'content', 'ai', 'biometric'] as const
export type ServiceName = (typeof serviceNames)[number]

const variables = z.object({
  NODE_ENV: z.string().default('development'),
  DATA_FOLDER: z.string().default(path.join(projectRoot, '.data')),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
  DATABASE_URL: z.string().optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(10), // five services share the server's 100 to 200
  NATS_URL: z.string().optional(),
  REDIS_URL: z.string().optional(),
  TOKEN_ISSUER: z.string().default('http://localhost:8080'),
  TOKEN_AUDIENCE: z.string().default('biometrics'),
  TOKEN_ENDS: tokenEndSources.default(tokenEnds),
  ...metricsVariables,
  GATEWAY_PORT: portNumber.default(8080),
  AUTH_PORT: portNumber.default(8081),
  USER_PORT: portNumber.default(8082),
  CONTENT_PORT: portNumber.default(8083),
  AI_PORT: portNumber.default(8084),
  BIOMETRIC_PORT: portNumber.default(8085),
  WEB_PORT: portNumber.default(8090),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const launcherVariables = variables.shape

/** Throws ConfigError with every fault. */
export function readLauncherConfig(environment: Environment = process.env): LauncherConfig {
  const read = readEnvironment('the launcher', variables, environment)
  return {
    environment,
    development: read.NODE_ENV !== 'production',
    dataFolder: path.resolve(read.DATA_FOLDER),
    logLevel: read.LOG_LEVEL,
    databaseUrl: read.DATABASE_URL ?? null,
    databasePoolSize: read.DATABASE_POOL_SIZE,
    natsUrl: read.NATS_URL ?? null,
    redisUrl: read.REDIS_URL ?? null,
    tokens: { issuer: read.TOKEN_ISSUER, audience: read.TOKEN_AUDIENCE },
    tokenEnds: read.TOKEN_ENDS,
    metrics: { METRICS_HOST: read.METRICS_HOST, METRICS_PORT: read.METRICS_PORT },
    ports: {
      gateway: read.GATEWAY_PORT,
      auth: read.AUTH_PORT,
      user: read.USER_PORT,
      content: read.CONTENT_PORT,
      ai: read.AI_PORT,
      biometric: read.BIOMETRIC_PORT,
      web: read.WEB_PORT,
    },
  }
}

/**
 * Whether `npm start` runs this process, which then ends with it. npm lives as long as its program is wanted, behind nohup
 * and setsid too; a program started by itself (`node scripts/start.mjs`) may outlive its starter.
 */
export function isRunByNpm(environment: Environment = process.env): boolean {
  return environment['npm_lifecycle_event'] === 'start'
}
