/**
 * What live streams count, for Prometheus. In: the calls of LiveMetrics. Out: metrics of a registry. It refuses labels of
 * unbounded number: no operation, caller, field or address becomes one.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { EndReason, LiveMetrics } from '../subscriptions/live/live-metrics.js'

const doors = ['websocket', 'sse', 'multipart'] as const
const sides = ['client', 'upstream'] as const
const reasons: Readonly<Record<EndReason, true>> = {
  complete: true,
  client: true,
  refused: true,
  lagging: true,
  source: true,
  token: true,
  session: true,
  schema: true,
  shutdown: true,
}

/** From a tenth of a millisecond, an execution that fetches nothing, to the ten seconds a subgraph has. */
const EXECUTION_SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** From what ten thousand writes take to where clients of a screen have given up. */
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Every series is there from the beginning, at zero: a rate over what appears only when it happens misses its first. */
export function createLiveMetrics(registry: Registry): LiveMetrics {
  const { connections, operations, ended, dropped } = labelled([registry])
  const { events, executions, deliveries, lag, gaps, resumes, replayed } = plain([registry])
  return {
    socketOpened: (door) => connections.inc({ door }),
    socketClosed: (door) => connections.dec({ door }),
    operationStarted: () => operations.inc(),
    operationEnded(reason) {
      operations.dec()
      ended.inc({ reason })
    },
    eventReceived: () => events.inc(),
    executed: (durationMs) => executions.observe(durationMs / 1_000),
    delivered(receivers, lagMs) {
      deliveries.inc(receivers)
      lag.observe(lagMs / 1_000)
    },
    dropped: (count, side) => dropped.inc({ side }, count),
    gapTold: () => gaps.inc(),
    resumed(count) {
      resumes.inc()
      replayed.inc(count)
    },
  }
}

function labelled(registers: Registry[]) {
  const connections = new Gauge({
    name: 'gateway_live_connections',
    help: 'Connections of clients that are open.',
    labelNames: ['door'],
    registers,
  })
  const operations = new Gauge({ name: 'gateway_live_operations', help: 'Subscriptions under way.', registers })
  const ended = new Counter({
    name: 'gateway_live_operations_ended_total',
    help: 'Subscriptions that ended, by why.',
    labelNames: ['reason'],
    registers,
  })
  const dropped = new Counter({
    name: 'gateway_live_dropped_total',
    help: 'Events a client did not get: it was too slow, or this gateway could not execute in time (upstream).',
    labelNames: ['side'],
    registers,
  })
  for (const door of doors) connections.set({ door }, 0)
  for (const reason of Object.keys(reasons)) ended.inc({ reason }, 0)
  for (const side of sides) dropped.inc({ side }, 0)
  return { connections, operations, ended, dropped }
}

function plain(registers: Registry[]) {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers })
  const events = counter('gateway_live_events_total', 'Events that came in from feeds, once whoever reads them.')
  const executions = new Histogram({
    name: 'gateway_live_execution_seconds',
    help: "Executions of an event's plan; one serves all subscriptions of its group.",
    buckets: EXECUTION_SECONDS,
    registers,
  })
  const deliveries = counter('gateway_live_deliveries_total', 'Messages handed to clients, once a client.')
  const lag = new Histogram({
    name: 'gateway_live_delivery_lag_seconds',
    help: 'From an event coming in to its message being handed on, once a message whoever gets it.',
    buckets: LAG_SECONDS,
    registers,
  })
  const gaps = counter('gateway_live_gaps_total', 'Answers that told a client of a gap.')
  const resumes = counter('gateway_live_resumes_total', 'Subscriptions that went on from a cursor.')
  const replayed = counter('gateway_live_replayed_events_total', 'Events replayed to subscriptions that went on.')
  return { events, executions, deliveries, lag, gaps, resumes, replayed }
}
