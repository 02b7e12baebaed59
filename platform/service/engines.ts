import type { Bus } from '../bus/bus.js'
import type { Cache } from '../cache/cache.js'
import type { AccessTokenVerifier } from '../identity/access-token-verifier.js'
import type { TokenEnds } from '../identity/open-token-ends.js'
import type { Logger } from '../log/logger.js'
import type { ProcessMetrics } from '../telemetry/process-metrics.js'

/**
 * What a service runs on, whichever way the house is started: one process on embedded engines, or a process a service on
 * the real ones. A service uses the engines and never closes them; who opened them does. Its database it opens itself.
 */
export interface Engines {
  /** One server for all; each service keeps to the Postgres schema of its own name. */
  readonly databaseUrl: string
  /** The most connections a service may hold. */
  readonly databasePoolSize: number
  readonly bus: Bus
  readonly cache: Cache
  /** It refuses tokens that ended before their time, where `tokenEnds` tells of them. */
  readonly verifier: AccessTokenVerifier
  readonly tokenEnds?: TokenEnds
  readonly logger: Logger
  /** Where the process counts what its services do; missing where nobody reads the numbers. Bus and cache are measured already. */
  readonly metrics?: ProcessMetrics
}

/** A service that listens. `close` stops accepting, lets work in flight end, then closes what the service opened itself. */
export interface RunningService {
  readonly name: string
  readonly port: number
  close(): Promise<void>
}
