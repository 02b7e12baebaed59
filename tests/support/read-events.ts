import { connectNatsBus } from '../../platform/bus/nats-bus.js'
import type { Bus } from '../../platform/bus/bus.js'
import { createLogger } from '../../platform/log/logger.js'

/** Everything that was ever told on a NATS of this test's own and is still kept, events and progress, as lines of JSON. */
export async function readEvents(url: string): Promise<string> {
  const logger = createLogger({ service: 'test', level: 'silent' })
  const bus = await connectNatsBus({ url, clientName: 'test', logger })
  try {
    const streams = await Promise.all(['events', 'progress', 'dead-letter'].map((stream) => readStream(bus, stream)))
    return streams.join('')
  } finally {
    await bus.close()
  }
}

/** Up to a mark that is set now. */
async function readStream(bus: Bus, stream: string): Promise<string> {
  const mark = crypto.randomUUID()
  await bus.publish(`${stream}.test.mark`, {
    id: mark,
    type: 'test.marked',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: '0'.repeat(32),
    data: {},
  })
  const lines: string[] = []
  for await (const event of await bus.follow(`${stream}.>`, 'all')) {
    if (event.envelope.id === mark) break
    lines.push(`${JSON.stringify(event)}\n`)
  }
  return lines.join('')
}
