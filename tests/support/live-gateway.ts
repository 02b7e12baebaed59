/**
 * Live streams as doors open them: a gateway over real subgraphs and the bus of one process, anew for every test. In: the
 * subgraphs, of which `events` is fed by the bus. Out: what was started, and streams that are closed when their test is over.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { RecordingSink } from '../../gateway/subscriptions/live/fixtures/recording-sink.js'
import type { LiveOperation, LiveRequest } from '../../gateway/subscriptions/live/live-operation.js'
import type { Bus } from '../../platform/bus/bus.js'
import { createInProcessBus } from '../../platform/bus/in-process-bus.js'
import { createLogger } from '../../platform/log/logger.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { startTestGateway, type TestGateway } from './test-gateway.js'
import { startTestSubgraphs, type TestGraph, type TestSubgraphDefinition } from './test-subgraphs.js'

/** What the SDL of a subgraph of events begins with. */
export const eventDirectives = readFileSync(path.join(projectRoot, 'schema/events/directives.graphql'), 'utf8')

/** Puts an event on the bus, in an envelope of its own. */
export const publishOn = (bus: Bus, subject: string, data: unknown): Promise<void> =>
  bus.publish(subject, {
    id: crypto.randomUUID(),
    type: 'told',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: 't',
    data,
  })

export interface LiveGateway {
  readonly graph: TestGraph
  readonly bus: Bus
  readonly gateway: TestGateway
  publish(subject: string, data: unknown): Promise<void>
  /** A stream through the gateway, or through another one. */
  follow(request: StreamAsked, on?: TestGateway): RecordingSink
}

/** What of a request a test need not say. */
export type StreamAsked = Pick<LiveRequest, 'query' | 'caller'> & Partial<LiveRequest>

export const requestOf = (asked: StreamAsked): LiveRequest => ({
  operationName: undefined,
  variables: {},
  ids: { requestId: 'r', traceId: 't' },
  signal: new AbortController().signal,
  cursor: null,
  ...asked,
})

/** To be called once, at the top of a suite. */
export function useLiveGateway(definitions: Readonly<Record<string, TestSubgraphDefinition>>): LiveGateway {
  let graph: TestGraph
  let bus: Bus
  let gateway: TestGateway
  let operations: LiveOperation[] = []
  beforeAll(async () => void (graph = await startTestSubgraphs(definitions)))
  afterAll(() => graph.close())
  beforeEach(async () => {
    for (const [name, { url }] of Object.entries(definitions)) if (url === undefined) graph.subgraph(name).reset()
    bus = createInProcessBus({ logger: createLogger({ service: 'test', level: 'silent' }) })
    gateway = await startTestGateway(graph.supergraph, { parts: { bus } })
  })
  afterEach(async () => {
    for (const operation of operations) operation.close()
    operations = []
    await gateway.close()
    await bus.close()
  })
  return {
    get graph() {
      return graph
    },
    get bus() {
      return bus
    },
    get gateway() {
      return gateway
    },
    publish: (subject, data) => publishOn(bus, subject, data),
    follow(asked, on = gateway) {
      const sink = new RecordingSink()
      operations.push(on.running.openLive(requestOf(asked), sink))
      return sink
    },
  }
}
