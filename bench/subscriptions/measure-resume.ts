import { openAudience } from '../../tests/support/live-audience.js'
import { startLiveHouse } from '../../tests/support/live-house.js'
import { TOPICS } from './topics.js'

export interface ResumeFigures {
  readonly clients: number
  /** From the gateway's death until the next one answered, as nobody was there to bring it back sooner. */
  readonly awayMs: number
  /** From then until every client had had every event, and with it a live stream. */
  readonly resumeMs: number
  /** Deliveries of events that happened while no gateway was there. */
  readonly replayed: number
  /** Clients that missed an event, had one twice or in a wrong order, or lost their stream. */
  readonly faults: readonly string[]
}

const BEFORE = 5
const WHILE_AWAY = 10

/** Clients of the subscription client, each with a socket, whose gateway is killed (-9) and started again. */
export async function measureResume(clients: number): Promise<ResumeFigures> {
  const house = await startLiveHouse({ topics: TOPICS, replicas: [{}] })
  const [gateway] = house.gateways
  if (gateway === undefined) throw new Error('There is no gateway.')
  const audience = openAudience({ urls: [gateway.url], size: clients, topics: TOPICS })
  try {
    await house.publish(BEFORE)
    await audience.saw(BEFORE, 60_000)
    const before = audience.counts().delivered
    const killed = performance.now()
    await gateway.kill()
    await house.publish(WHILE_AWAY)
    await gateway.start()
    const started = performance.now()
    await audience.saw(house.published, 60_000)
    const resumeMs = performance.now() - started
    const replayed = audience.counts().delivered - before
    await house.publish(1)
    await audience.saw(house.published)
    return { clients, awayMs: started - killed, resumeMs, replayed, faults: audience.faults() }
  } finally {
    await audience.close()
    await house.close()
  }
}
