import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { Registry } from 'prom-client'
import { createEventRow } from '../../platform/bus/event-row.js'
import { createProcessMetrics } from '../../platform/telemetry/process-metrics.js'
import { userRegistered } from '../../schema/contracts/user-registered.js'
import { openUserService } from '../../subgraphs/user/service.js'
import { startSubgraph, type StartedSubgraph } from '../support/start-subgraph.js'
import { until } from '../support/until.js'
import { userConfig } from '../support/user-config.js'

const registry = new Registry()
let subgraph: StartedSubgraph

beforeAll(async () => {
  const metrics = createProcessMetrics(registry)
  subgraph = await startSubgraph({
    open: (engines) => openUserService(userConfig, { ...engines, metrics }),
    wrapBus: (bus) => metrics.measureBus(bus),
  })
})
afterAll(() => subgraph.close())

const series = async (name: string): Promise<Record<string, number>> => {
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}
const numberOf = async (text: string) => (await series(text.split('{')[0] ?? ''))[text]

const untilEqual = (text: string, wanted: number) => until(async () => (await numberOf(text)) === wanted, 30_000)

describe('the numbers of a service', () => {
  it('tell every request by what became of it, and call unknown paths and methods alike', async () => {
    const { status } = await subgraph.ask('{ __typename }')
    expect(status).toBe(200)
    for (const path of ['/a', '/b?secret=1']) await fetch(`http://127.0.0.1:${subgraph.port}${path}`, { method: 'PUT' })
    await untilEqual('http_requests_total{service="user",method="POST",path="/graphql",status="200"}', 1)
    await untilEqual('http_requests_total{service="user",method="other",path="other",status="404"}', 2)
    await untilEqual('http_requests_in_flight{service="user"}', 0)
    expect(await registry.metrics()).not.toContain('secret')
    expect(
      await numberOf(
        'http_request_duration_seconds_bucket{le="+Inf",service="user",method="POST",path="/graphql",status="200"}',
      ),
    ).toBe(1)
  })

  it('tell statements by their kind and never by their text, and the connections they ran on', async () => {
    const count = 'db_query_duration_seconds_count{service="user",query_type="select"}'
    const before = (await numberOf(count)) ?? NaN
    const person = await subgraph.issuer.token({ userId: crypto.randomUUID(), roles: ['user'] })
    await subgraph.ask('{ me { displayName } }', {}, person)
    expect(await numberOf(count)).toBeGreaterThan(before)
    expect(await numberOf('db_pool_connections{service="user",state="idle"}')).toBeGreaterThan(0)
    expect(await registry.metrics()).not.toMatch(/SELECT|FROM/)
  })

  it('tell how a consumer fares, from before its first event on', async () => {
    const deliveries = (outcome: string) => `bus_deliveries_total{consumer="user-profiles",outcome="${outcome}"}`
    for (const outcome of ['handled', 'failed', 'unprocessable']) expect(await numberOf(deliveries(outcome))).toBe(0)
    const publish = async (data: unknown) => {
      const userId = crypto.randomUUID()
      const { subject, envelope } = createEventRow(userRegistered, { userId, displayName: 'Ada' }, { now: new Date() })
      await subgraph.engines.bus.publish(subject, { ...envelope, data: data ?? envelope.data })
    }
    await publish(undefined)
    await publish({ userId: 'nobody' })
    await untilEqual(deliveries('handled'), 1)
    await untilEqual(deliveries('unprocessable'), 1)
    expect(await numberOf('bus_handler_duration_seconds_count{consumer="user-profiles"}')).toBe(2)
    expect(await numberOf(deliveries('failed'))).toBe(0)
  })

  it('tell what waits in the outbox, and no number while the database does not answer', async () => {
    expect(await numberOf('outbox_pending_events{service="user"}')).toBe(0)
    await subgraph.stop()
    expect(await numberOf('outbox_pending_events{service="user"}')).toBeNaN()
    await subgraph.start()
  })

  it('tell of a pool that had no connection left to give', async () => {
    const own = new Registry()
    const pool = new pg.Pool({ connectionString: subgraph.engines.databaseUrl, max: 1, connectionTimeoutMillis: 100 })
    createProcessMetrics(own).database('user').watch(pool)
    const held = await pool.connect()
    await expect(pool.query('SELECT 1')).rejects.toThrow()
    held.release()
    expect(await own.metrics()).toContain('db_connection_pool_exhausted_total{service="user"} 1')
    await pool.end()
  })
})
