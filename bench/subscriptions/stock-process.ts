/** A stock `graphql-ws` server over `ws`: it executes, and makes text, for every subscriber. Events come to it joined already. */
import { createServer } from 'node:http'
import { EventEmitter } from 'node:events'
import {
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLNullableType,
} from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { followEnriched, readPeerPlace } from './enriched-events.js'

const place = readPeerPlace()
const topics = new EventEmitter()
topics.setMaxListeners(0)

const required = <Type extends GraphQLNullableType>(type: Type) => ({ type: new GraphQLNonNull(type) })
const thing = new GraphQLObjectType({
  name: 'Thing',
  fields: { name: required(GraphQLString), price: required(GraphQLFloat) },
})
const moved = new GraphQLObjectType({
  name: 'Moved',
  fields: {
    sentAt: required(GraphQLFloat),
    number: required(GraphQLInt),
    note: required(GraphQLString),
    thing: required(thing),
  },
})

/** The leanest queue that an async generator can be made of: `events.on` would cost more than all else here. */
async function* follow(topic: string): AsyncGenerator<{ moved: unknown }, void, void> {
  const queue: unknown[] = []
  let wake = () => {}
  const take = (event: unknown) => {
    queue.push(event)
    wake()
  }
  topics.on(topic, take)
  try {
    for (;;) {
      while (queue.length > 0) yield { moved: queue.shift() }
      await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    topics.off(topic, take)
  }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { ready: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      moved: {
        ...required(moved),
        args: { topic: required(GraphQLID) },
        subscribe: (_source: unknown, { topic }: { topic: string }) => follow(topic),
      },
    },
  }),
})

const http = createServer((_request, response) => response.end('ready'))
useServer({ schema }, new WebSocketServer({ server: http, path: '/graphql' }))
await followEnriched(place, (topic, event) => void topics.emit(topic, event))
http.listen(place.port, '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
