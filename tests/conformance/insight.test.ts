import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { createMetricsRegistry } from '../../platform/telemetry/metrics-server.js'
import { gatewayMetrics, serviceMetrics } from '../../scripts/docs/metric-table.js'
import { describeWithEngine } from '../support/engines.js'
import { processNames } from '../support/process-variables.js'

const run = promisify(execFile)
const deploy = path.join(projectRoot, 'deploy')
const read = async (file: string): Promise<unknown> => {
  const text = await readFile(path.join(deploy, file), 'utf8')
  return file.endsWith('.json') ? JSON.parse(text) : parse(text)
}

const rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
})
const alerts = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) })
const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
})
const scraped = z.object({
  scrape_configs: z.array(
    z.object({ job_name: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
  ),
})

const rules = alerts.parse(await read('prometheus/alerts.yaml')).groups.flatMap((group) => group.rules)
const { panels } = dashboard.parse(await read('grafana/dashboards/overview.json'))
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
]

/** Names and labels of what an expression reads: `name{label="…"}` and `by (label)`, without functions and numbers. */
function readBy(expression: string) {
  const labels = [...expression.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label)
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)|\b(?:or|and|unless)\b/g, ' ')
  const names = [...bare.matchAll(/[a-z_][a-z0-9_]*(?!\s*\(|[a-z0-9_])/g)].map(([name]) => name)
  return { names, labels: new Set([...labels, ...grouped]) }
}

/** Every name a scrape can have, with the labels it has. */
async function told(): Promise<Map<string, ReadonlySet<string>>> {
  const series = new Map<string, Set<string>>([['up', new Set()]])
  for (const registry of [gatewayMetrics(), serviceMetrics(), createMetricsRegistry()]) {
    for (const { name, type, values } of await registry.getMetricsAsJSON()) {
      const labels = new Set(values.flatMap((value) => Object.keys(value.labels)))
      const endings = String(type) === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']
      for (const ending of endings)
        series.set(name + ending, new Set([...labels, ...(series.get(name + ending) ?? [])]))
    }
  }
  return series
}

describe('what watches the house', () => {
  it('asks only for numbers that processes tell, by labels that these have', async () => {
    const series = await told()
    const byPrometheus = ['job', 'instance']
    // told with a consumer's or a collection's first event, so that no registry shows them before
    const later = ['consumer', 'outcome']
    for (const expression of expressions) {
      const { names, labels } = readBy(expression)
      expect(names.length).toBeGreaterThan(0)
      expect(names.filter((name) => !series.has(name))).toEqual([])
      const known = new Set([...names.flatMap((name) => [...(series.get(name) ?? [])]), ...byPrometheus, ...later])
      expect([...labels].filter((label) => label !== undefined && !known.has(label))).toEqual([])
    }
  })

  it('asks every process, at the port docker-compose.yml gives it', async () => {
    const { scrape_configs: jobs } = scraped.parse(await read('prometheus/prometheus.yaml'))
    const targets = jobs.map(({ job_name, static_configs }) => [job_name, static_configs[0]?.targets])
    expect(targets.sort()).toEqual([...processNames].sort().map((name) => [name, [`${name}:9464`]]))
    const compose = await readFile(path.join(projectRoot, 'docker-compose.yml'), 'utf8')
    expect(compose.match(/METRICS_PORT: 9464/g)).toHaveLength(2)
  })
})

await describeWithEngine('promtool', 'what watches the house, to Prometheus', () => {
  it('is a configuration it takes, with alerts that tell what they should and when', async () => {
    const folder = path.join(deploy, 'prometheus')
    await run('promtool', ['check', 'config', 'prometheus.yaml'], { cwd: folder })
    const { stdout, stderr } = await run('promtool', ['test', 'rules', 'alerts.test.yaml'], { cwd: folder })
    expect(stdout + stderr).toContain('SUCCESS')
  })

  it('is a dashboard of expressions it can evaluate', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'dashboard-'))
    const recorded = panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, index) => ({ record: `panel:${index}`, expr }))
    await writeFile(
      path.join(folder, 'rules.yaml'),
      JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }),
    )
    const { stdout } = await run('promtool', ['check', 'rules', path.join(folder, 'rules.yaml')])
    expect(stdout).toContain(`${recorded.length} rules found`)
    await rm(folder, { recursive: true })
  })
})
