import type { TokenEnds } from '../../platform/identity/open-token-ends.js'
import type { Logger } from '../../platform/log/logger.js'
import { createMetricsRegistry, openMetricsServer } from '../../platform/telemetry/metrics-server.js'
import { createRequestMetrics, type RequestMetrics } from '../../platform/telemetry/request-metrics.js'
import { noMetrics, type LiveMetrics } from '../subscriptions/live/live-metrics.js'
import { createLiveMetrics } from './live-metrics-registry.js'
import { addTokenMetrics } from './token-metrics.js'

export interface GatewayMetrics {
  readonly live: LiveMetrics
  /** Null where nobody reads the numbers. */
  readonly requests: RequestMetrics | null
  /** From now on it is told how well ended tokens are known. */
  watch(ends: TokenEnds): void
  /** Where they are told; null for nowhere. */
  readonly port: number | null
  close(): Promise<void>
}

/** Counts and tells, or does neither where no address is given. Throws PortTakenError. */
export async function openGatewayMetrics(
  address: { readonly host: string; readonly port: number } | null,
  logger: Logger,
): Promise<GatewayMetrics> {
  if (address === null) return noGatewayMetrics
  const registry = createMetricsRegistry()
  const live = createLiveMetrics(registry)
  const requests = createRequestMetrics(registry)('gateway')
  const server = await openMetricsServer({ name: 'gateway', ...address, registry, logger })
  return {
    live,
    requests,
    watch: (ends) => addTokenMetrics(registry, ends),
    port: server.port,
    close: () => server.close(),
  }
}

const noGatewayMetrics: GatewayMetrics = {
  live: noMetrics,
  requests: null,
  watch: () => undefined,
  port: null,
  close: async () => undefined,
}
