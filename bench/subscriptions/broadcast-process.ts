/** The limit: a bare `ws` server that makes an event into text once and sends the same bytes to everybody. */
import { createServer } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { z } from 'zod'
import { followEnriched, readPeerPlace } from './enriched-events.js'

const place = readPeerPlace()
const subscribers = new Map<string, Set<WebSocket>>()
const subscribe = z.object({ payload: z.object({ variables: z.object({ topic: z.string() }) }) })

const http = createServer((_request, response) => response.end('ready'))
const server = new WebSocketServer({ server: http, handleProtocols: () => 'graphql-transport-ws' })
server.on('connection', (socket) => {
  socket.once('message', () => {
    socket.send('{"type":"connection_ack"}')
    socket.once('message', (text) => {
      const { topic } = subscribe.parse(JSON.parse(String(text))).payload.variables
      const sockets = subscribers.get(topic) ?? new Set()
      subscribers.set(topic, sockets.add(socket))
      socket.once('close', () => sockets.delete(socket))
    })
  })
})
await followEnriched(place, (topic, moved) => {
  const frame = Buffer.from(JSON.stringify({ id: '1', type: 'next', payload: { data: { moved } } }))
  for (const socket of subscribers.get(topic) ?? []) socket.send(frame, { binary: false })
})
http.listen(place.port, '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
