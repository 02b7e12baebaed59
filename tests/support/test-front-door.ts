/** A front door with a script behind it. In: how requests are answered. Out: its port, and what has been asked of whom. */
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { createLogger } from '../../platform/log/logger.js'
import { openHttpService, type ConnectionDoor, type HttpService } from '../../platform/service/http-service.js'
import { createFrontDoor } from '../../gateway/http/front-door.js'
import type { AnswerPlain, PlainAnswer, PlainQuestion } from '../../gateway/http/plain-answer.js'
import { openWireClient, type WireClient } from './wire-client.js'

export interface TestFrontDoor {
  readonly service: HttpService
  /** Of the plain requests, in order. */
  readonly asked: readonly PlainQuestion[]
  /** The connections there have been, as the server sees them. */
  readonly sockets: readonly Socket[]
  /** Connections it has for itself. */
  readonly size: () => number
  connect(): Promise<WireClient>
  close(): Promise<void>
}

export interface TestFrontDoorOptions {
  /** What a body is answered with, instead of itself. */
  readonly answer?: (body: string) => ReturnType<AnswerPlain>
  /** What node:http does with a request, instead of answering what it was sent. */
  readonly node?: RequestListener
  readonly sweepMs?: number
  readonly incompleteMs?: number
  readonly keepAliveMs?: number
}

export function answered(json: string): PlainAnswer {
  return { status: 200, contentType: 'text/plain', requestId: 'id', json }
}

const FOR_A = ['x-origin', 'a']
const FOR_OTHERS = ['x-other', '1']

const answerAsNode: RequestListener = (request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => response.end(`node:${request.method} ${request.url} ${Buffer.concat(pieces).toString()}`))
}

/** node:http, behind it, answers with `node:` and what it was sent. */
export async function openTestFrontDoor(options: TestFrontDoorOptions = {}): Promise<TestFrontDoor> {
  const asked: PlainQuestion[] = []
  let door: ConnectionDoor | null = null
  const sockets: Socket[] = []
  const clients: WireClient[] = []
  const answer: AnswerPlain = (question) => {
    asked.push(question)
    const body = question.body.toString()
    return options.answer?.(body) ?? (options.answer === undefined ? answered(body) : null)
  }
  const service = await openHttpService({
    name: 'door',
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ service: 'test', level: 'silent' }),
    checks: {},
    mount: () => undefined,
    front: () => ({
      listener: options.node ?? answerAsNode,
      openDoor(server, pass) {
        if (options.keepAliveMs !== undefined) server.keepAliveTimeout = options.keepAliveMs
        server.on('connection', (socket: Socket) => sockets.push(socket))
        door = createFrontDoor(
          {
            ...options,
            path: '/graphql',
            answer,
            addressOf: ({ socket }) => socket.remoteAddress ?? null,
            headersFor: (origin) => (origin === 'https://a' ? FOR_A : FOR_OTHERS),
          },
          server,
          pass,
        )
        return door
      },
    }),
  })
  return {
    service,
    asked,
    sockets,
    size: () => door?.size ?? 0,
    async connect() {
      const accepted = once(service.server, 'connection')
      const client = await openWireClient(service.port)
      clients.push(client)
      await accepted
      return client
    },
    async close() {
      for (const client of clients) client.socket.destroy()
      await service.close(0)
    },
  }
}
