/**
 * The subgraph of `moving-things.ts` that knows things, as cheap as it can be. Takes a port (0: any) and prints it; answers
 * GET with how often it was asked.
 */
import { createServer, type AddressInfo } from 'node:net'
import { createMessageReader } from '../../../bench/gateway/wire.js'

let asked = 0

const thing = { __typename: 'Thing', id: '1', name: 'A thing that moves about', price: 12.5 }
const messageOf = (json: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`
const answer = Buffer.from(messageOf(JSON.stringify({ data: { _entities: [thing] } })))

const server = createServer({ noDelay: true }, (socket) => {
  const read = createMessageReader(({ head }) => {
    if (head.startsWith('GET ')) return void socket.write(messageOf(JSON.stringify({ asked })))
    asked += 1
    socket.write(answer)
  })
  socket.on('data', read)
  socket.on('error', () => socket.destroy())
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
)
process.once('SIGTERM', () => process.exit(0))
