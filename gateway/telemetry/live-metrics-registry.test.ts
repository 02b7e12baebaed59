import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { createLiveMetrics } from './live-metrics-registry.js'

/** The series of a text in Prometheus's format, by name and labels. */
async function seriesOf(registry: Registry): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

describe('what live streams count', () => {
  it('is there from the beginning, at zero', async () => {
    const registry = new Registry()
    createLiveMetrics(registry)
    const series = await seriesOf(registry)
    expect(series.get('gateway_live_connections{door="multipart"}')).toBe(0)
    expect(series.get('gateway_live_operations_ended_total{reason="lagging"}')).toBe(0)
    expect([...series.values()].filter((value) => value !== 0)).toEqual([])
  })

  it('is told by name, in seconds and ones', async () => {
    const registry = new Registry()
    const metrics = createLiveMetrics(registry)
    const before = (await seriesOf(registry)).size
    metrics.socketOpened('sse')
    metrics.socketOpened('sse')
    metrics.socketClosed('sse')
    metrics.operationStarted()
    metrics.operationStarted()
    metrics.operationEnded('token')
    metrics.eventReceived()
    metrics.executed(3)
    metrics.delivered(1_000, 40)
    metrics.dropped(5, 'client')
    metrics.dropped(2, 'upstream')
    metrics.gapTold()
    metrics.resumed(17)
    const series = await seriesOf(registry)
    expect(Object.fromEntries([...series].filter(([name, value]) => value !== 0 && !name.includes('_bucket')))).toEqual(
      {
        'gateway_live_connections{door="sse"}': 1,
        gateway_live_operations: 1,
        'gateway_live_operations_ended_total{reason="token"}': 1,
        gateway_live_events_total: 1,
        gateway_live_execution_seconds_count: 1,
        gateway_live_execution_seconds_sum: 0.003,
        gateway_live_deliveries_total: 1_000,
        gateway_live_delivery_lag_seconds_count: 1,
        gateway_live_delivery_lag_seconds_sum: 0.04,
        'gateway_live_dropped_total{side="client"}': 5,
        'gateway_live_dropped_total{side="upstream"}': 2,
        gateway_live_gaps_total: 1,
        gateway_live_resumes_total: 1,
        gateway_live_replayed_events_total: 17,
      },
    )
    expect(series.size).toBe(before) // no label but those that were there
  })
})
