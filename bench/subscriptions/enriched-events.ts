import { Pool } from 'undici'
import { z } from 'zod'
import { connectNatsBus } from '../../platform/bus/nats-bus.js'
import { createLogger } from '../../platform/log/logger.js'
import { movedEvent, subjectOf, type MovedEvent } from '../../tests/support/moving-things.js'
import { TOPICS } from './topics.js'

export const peerPlace = z.object({ port: z.number(), natsUrl: z.string(), thingsUrl: z.url() })

/** What a peer of the gateway is told as its first argument. */
export function readPeerPlace(): z.output<typeof peerPlace> {
  return peerPlace.parse(JSON.parse(process.argv[2] ?? 'null'))
}

export type EnrichedEvent = Omit<MovedEvent, 'thing'> & { readonly thing: unknown }

const QUERY = 'query($r:[_Any!]!){_entities(representations:$r){...on Thing{name price}}}'
const answer = z.object({ data: z.object({ _entities: z.tuple([z.unknown()]) }) })

/**
 * For the peers: the same events from the same log, each joined with the subgraph once, however many subscribers: the
 * best they can be given.
 */
export async function followEnriched(
  { natsUrl, thingsUrl }: z.output<typeof peerPlace>,
  take: (topic: string, event: EnrichedEvent) => void,
): Promise<void> {
  const bus = await connectNatsBus({
    url: natsUrl,
    clientName: 'peer',
    logger: createLogger({ service: 'peer', level: 'error' }),
  })
  const pool = new Pool(new URL(thingsUrl).origin, { connections: 64 })
  const enrich = async (data: unknown): Promise<EnrichedEvent> => {
    const event = movedEvent.parse(data)
    const body = JSON.stringify({ query: QUERY, variables: { r: [{ __typename: 'Thing', id: event.thing.id }] } })
    const headers = { 'content-type': 'application/json' }
    const response = await pool.request({ path: '/graphql', method: 'POST', headers, body })
    return { ...event, thing: answer.parse(await response.body.json()).data._entities[0] }
  }
  const follow = async (topic: number) => {
    const follower = await bus.follow(subjectOf(topic), 'new')
    void (async () => {
      for await (const { envelope } of follower) take(String(topic), await enrich(envelope.data))
    })()
  }
  await Promise.all(Array.from({ length: TOPICS }, (_, topic) => follow(topic)))
}
