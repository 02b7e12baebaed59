import { Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client'
import { createLiveMetrics } from '../../gateway/telemetry/live-metrics-registry.js'
import { addTokenMetrics } from '../../gateway/telemetry/token-metrics.js'
import { serviceNames } from '../../launcher/config.js'
import { createInProcessBus } from '../../platform/bus/in-process-bus.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { createLogger } from '../../platform/log/logger.js'
import { createProcessMetrics } from '../../platform/telemetry/process-metrics.js'
import { createRequestMetrics } from '../../platform/telemetry/request-metrics.js'

/** docs/metrics.md, from what the gateway and the services register: every name with its labels and their values. */
export async function metricTable(): Promise<string> {
  return `# Metrics

For Prometheus: \`GET /metrics\` on an address of its own, which clients must not reach, for numbers tell what a business does:
of the gateway at \`GATEWAY_METRICS_HOST\` and \`GATEWAY_METRICS_PORT\`, of a service at \`METRICS_HOST\` and \`METRICS_PORT\`. Without a
port there are none, and nothing is measured. Beside these stand what [prom-client](https://github.com/prometheus/client_js)
tells of every Node process: \`process_*\` and \`nodejs_*\`.

Series are there from the start at zero, and labels have the values below and no others, but for what appears with its first
event: the consumers by their names, and of HTTP the methods GET, POST, OPTIONS and other, the paths of the service and other, and
the statuses.

This page is written by \`npm run docs\` from what is registered and compared with it in the tests.

## Of the gateway

${table(await gatewayMetrics().getMetricsAsJSON())}

## Of every service

Several services of one process, as \`npm start\` runs them, are told apart by the label \`service\`.

${table(await serviceMetrics().getMetricsAsJSON())}
`
}

/** What a gateway registers. */
export function gatewayMetrics(): Registry {
  const registry = new Registry()
  createRequestMetrics(registry)('gateway')
  createLiveMetrics(registry)
  addTokenMetrics(registry, { size: 0, knownForMs: 0, refused: { ended: 0, unconfirmed: 0 } })
  return registry
}

/** What a process with all services registers. */
export function serviceMetrics(): Registry {
  const registry = new Registry()
  const metrics = createProcessMetrics(registry)
  metrics.measureCache(createInProcessCache())
  metrics.measureBus(createInProcessBus({ logger: createLogger({ service: 'docs', level: 'silent' }) }))
  for (const service of serviceNames) {
    metrics.requests(service)
    metrics.database(service)
  }
  return registry
}

function table(metrics: readonly MetricObjectWithValues<MetricValue<string>>[]): string {
  const rows = metrics.map((metric) => `| \`${metric.name}\` | ${metric.type} | ${labelsOf(metric)} | ${metric.help} |`)
  return ['| Name | Kind | Labels | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function labelsOf({ name, values }: MetricObjectWithValues<MetricValue<string>>): string {
  const labels = new Map<string, Set<string>>()
  for (const value of values) {
    if ('metricName' in value && value.metricName === `${name}_bucket`) continue // its label le is the format's own
    for (const [label, text] of Object.entries(value.labels)) {
      labels.set(label, (labels.get(label) ?? new Set()).add(String(text)))
    }
  }
  return [...labels].map(([label, texts]) => `${label}: ${[...texts].join(', ')}`).join('; ')
}
