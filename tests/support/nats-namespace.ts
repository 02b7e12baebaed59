import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { connectNatsBus, type NatsBusOptions } from '../../platform/bus/nats-bus.js'
import type { Bus } from '../../platform/bus/bus.js'
import { createLogger } from '../../platform/log/logger.js'

/** A namespace of this test's own on a NATS that others use too. */
export function newNamespace(): string {
  return `test-${crypto.randomUUID().slice(0, 8)}`
}

export function connectTestBus(url: string, namespace: string, more: Partial<NatsBusOptions> = {}): Promise<Bus> {
  const logger = createLogger({ service: 'test', level: 'silent' })
  return connectNatsBus({ url, namespace, clientName: 'test', logger, ...more })
}

/** Removes the namespace's streams, and with them its consumers. */
export async function dropNamespace(url: string, namespace: string): Promise<void> {
  const { host: servers, username, password } = new URL(url)
  const connection = await connect({ servers, ...(username !== '' && { user: username, pass: password }) })
  const manager = await jetstreamManager(connection)
  for await (const { config } of manager.streams.list()) {
    if (config.name.startsWith(`${namespace}_`)) await manager.streams.delete(config.name)
  }
  await connection.close()
}
