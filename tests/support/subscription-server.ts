import { EventEmitter, on, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/http'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'

/** A subgraph that serves subscriptions with somebody else's server, and may be killed. */
export interface SubscriptionServer {
  /** `http://`, whatever the protocol. */
  readonly url: string
  /** What each subscription was asked with, oldest first. `params` is the payload of `connection_init`. */
  readonly asked: readonly { readonly headers: IncomingHttpHeaders; readonly params: unknown }[]
  /** How many follow this parcel. */
  followers(id: string): number
  /** How many bytes the operating system has taken from it, to the clients that are there: no more than somebody reads. */
  written(): number
  /** Hands every follower of the parcel an event: an Error becomes an error of the field. */
  publish(id: string, event: unknown): void
  /** Ends every subscription as it can that takes the token no longer: by WebSocket with 4403, otherwise by ending the stream. */
  dismiss(): void
  /** Cuts every connection and stops listening, without a word. */
  kill(): Promise<void>
  /** Listens again, on the same port. */
  restart(): Promise<void>
  close(): Promise<void>
}

export const parcelsSdl = /* GraphQL */ `
  type Query {
    parcel(id: ID!): Parcel
  }
  type Subscription {
    moved(id: ID!, long: Boolean = false): Moved
  }
  type Moved {
    state: String!
    kilometres: Int
    parcel: Parcel
  }
  type Parcel {
    id: ID!
  }
`

/** Ends the subscriptions it is published to. */
export const THE_END = Symbol('the end')

function parcelsSchema(parcels: EventEmitter): GraphQLSchema {
  const schema = buildSchema(parcelsSdl)
  const field = schema.getSubscriptionType()?.getFields()['moved']
  if (field === undefined) throw new Error('no field')
  field.subscribe = (_root, { id }: { id: string }) => {
    if (id === 'denied') throw new GraphQLError('Not yours.', { extensions: { code: 'AUTHZ_RESOURCE_OWNERSHIP' } })
    if (id === 'broken') throw new Error('connect ECONNREFUSED 10.0.0.7:5432')
    return eventsOf(parcels, id)
  }
  field.resolve = (event) => {
    if (event instanceof Error) throw event
    return event
  }
  return schema
}

/** Leaving it takes effect at once, also while it waits. */
function eventsOf(parcels: EventEmitter, id: string): AsyncIterableIterator<unknown> {
  const events = on(parcels, id)
  const end = async () => {
    await events.return?.()
    return { done: true, value: undefined } as const
  }
  const iterator: AsyncIterableIterator<unknown> = {
    async next() {
      const { done, value } = await events.next()
      return done === true || value[0] === THE_END ? end() : { done: false, value: value[0] }
    },
    return: end,
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

export async function startSubscriptionServer(protocol: 'ws' | 'sse'): Promise<SubscriptionServer> {
  const parcels = new EventEmitter().setMaxListeners(0)
  const schema = parcelsSchema(parcels)
  const asked: Asked = []
  const sockets = new Set<Socket>()
  let port = 0
  let server: Server | undefined
  let streams: WebSocketServer | null = null

  const open = async (): Promise<void> => {
    server = protocol === 'ws' ? createServer((_req, res) => void res.writeHead(426).end()) : serveSse(schema, asked)
    streams = protocol === 'ws' ? serveWebSocket(server, schema, asked) : null
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const kill = async (): Promise<void> => {
    const closed = server?.listening === true ? once(server, 'close') : undefined
    server?.close()
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  await open()
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    asked,
    followers: (id) => parcels.listenerCount(id),
    written: () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0),
    publish: (id, event) => void parcels.emit(id, event),
    dismiss() {
      if (streams instanceof WebSocketServer) for (const client of streams.clients) client.close(4403, 'Forbidden')
      else for (const socket of sockets) socket.destroy()
    },
    kill,
    restart: open,
    close: kill,
  }
}

type Asked = { headers: IncomingHttpHeaders; params: unknown }[]

function serveWebSocket(server: Server, schema: GraphQLSchema, asked: Asked): WebSocketServer {
  const sockets = new WebSocketServer({ server, path: '/graphql' })
  useServer(
    {
      schema,
      onConnect: ({ connectionParams }) => connectionParams?.['authorization'] !== 'Bearer nobody',
      onSubscribe: ({ connectionParams, extra }) => {
        asked.push({ headers: extra.request.headers, params: connectionParams })
      },
    },
    sockets,
  )
  return sockets
}

function serveSse(schema: GraphQLSchema, asked: Asked): Server {
  const handler = createHandler({ schema })
  return createServer((req, res) => {
    if (req.headers.authorization === 'Bearer nobody') return void res.writeHead(403).end()
    asked.push({ headers: req.headers, params: null })
    handler(req, res).catch(() => res.writeHead(500).end())
  })
}
