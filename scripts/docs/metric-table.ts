import { Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client'
import { createLiveMetrics } from '../../gateway/telemetry/live-metrics-registry.js'
import { addTokenMetrics } from '../../gateway/telemetry/token-metrics.js'

/** docs/metrics.md, from what the gateway registers: every name with its labels and their values. */
export async function metricTable(): Promise<string> {
  const registry = new Registry()
  createLiveMetrics(registry)
  addTokenMetrics(registry, { size: 0, knownForMs: 0, refused: { ended: 0, unconfirmed: 0 } })
  const metrics = await registry.getMetricsAsJSON()
  const rows = metrics.map((metric) => `| \`${metric.name}\` | ${metric.type} | ${labelsOf(metric)} | ${metric.help} |`)
  return `# Metrics

Of the gateway, for Prometheus: \`GET /metrics\` on an address of its own (\`GATEWAY_METRICS_HOST\`, \`GATEWAY_METRICS_PORT\`), which
clients must not reach, for numbers tell what a business does. Without a port there are none. Beside these stand what
[prom-client](https://github.com/prometheus/client_js) tells of every Node process: \`process_*\` and \`nodejs_*\`.

Every series is there from the start at zero, and labels have the values below and no others.

This page is written by \`npm run docs\` from \`gateway/telemetry\` and compared with it in the tests.

| Name | Kind | Labels | Meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`
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
