import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Counter, type Registry } from 'prom-client'
import { createLogger } from '../log/logger.js'
import { PortTakenError } from '../service/http-service.js'
import { createMetricsRegistry, openMetricsServer, type MetricsServer } from './metrics-server.js'

let registry: Registry
let server: MetricsServer
const logger = createLogger({ service: 'test', level: 'silent' })
const open = (port = 0) => openMetricsServer({ name: 'the test', host: '127.0.0.1', port, registry, logger })

beforeEach(async () => {
  registry = createMetricsRegistry()
  server = await open()
})
afterEach(() => server.close())

const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method })

describe('the numbers of a process', () => {
  it('are told in the text format of Prometheus', async () => {
    new Counter({ name: 'things_total', help: 'Things.', registers: [registry] }).inc(3)
    const response = await ask('/metrics')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    expect(text).toContain('# HELP things_total Things.\n# TYPE things_total counter\nthings_total 3\n')
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds [\d.e-]+$/m)
  })

  it('are there alone, and only to be read', async () => {
    expect((await ask('/')).status).toBe(404)
    expect((await ask('/metrics', 'POST')).status).toBe(405)
  })

  it('are refused a port that another program has', async () => {
    await expect(open(server.port)).rejects.toThrow(PortTakenError)
  })
})
