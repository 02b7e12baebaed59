import { z } from 'zod'
import { portNumber } from '../config/read-config.js'
import type { Logger } from '../log/logger.js'
import { createMetricsRegistry, openMetricsServer } from './metrics-server.js'
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.js'

/** The variables of a process that say where its numbers are told. */
export const metricsVariables = {
  METRICS_HOST: z.string().default('127.0.0.1'),
  /** Numbers are neither told nor gathered without one. */
  METRICS_PORT: portNumber.optional(),
}

export interface MetricsAddress {
  readonly METRICS_HOST: string
  readonly METRICS_PORT?: number | undefined
}

export interface OpenMetrics {
  readonly metrics: ProcessMetrics
  readonly port: number
  close(): Promise<void>
}

/** Null where no address is configured. Throws PortTakenError. */
export async function openProcessMetrics(
  name: string,
  { METRICS_HOST: host, METRICS_PORT: port }: MetricsAddress,
  logger: Logger,
): Promise<OpenMetrics | null> {
  if (port === undefined) return null
  const registry = createMetricsRegistry()
  const metrics = createProcessMetrics(registry)
  const server = await openMetricsServer({ name, host, port, registry, logger })
  return { metrics, port: server.port, close: () => server.close() }
}
