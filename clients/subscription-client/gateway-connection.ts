import { createClient, type Client } from 'graphql-ws'
import { createBeginnings, type Beginnings } from './beginnings.js'
import { createConnectionLosses, type LossTiming } from './connection-losses.js'
import { createPayloadPings } from './payload-pings.js'
import { closureOf, type Closure } from './how-it-ended.js'
import { createWatchdog } from './watchdog.js'
import { quietSocket } from './quiet-socket.js'
import { createTokenRenewal, type AccessTokenSource, type TokenRenewal } from './token-renewal.js'

export interface GatewayConnectionOptions {
  /** Replicas of one gateway, e.g. `wss://a.example/graphql`; the next one is tried after each loss. */
  readonly urls: readonly string[]
  readonly accessToken?: AccessTokenSource | undefined
  /** A WebSocket class where the platform has none (Node before 22). */
  readonly webSocketImpl?: unknown
  readonly timing: ConnectionTiming
}

export interface ConnectionTiming extends LossTiming {
  /** A token is replaced so long before it expires. */
  readonly renewBeforeMs: number
  /** A socket that is silent is asked for a sign of life after so long. */
  readonly pingEveryMs: number
  /** Without an answer for so long a socket counts as cut. Also the time a connection has to be made. */
  readonly answerWithinMs: number
}

/** One socket at a time to one of the gateway's replicas, made when it is needed and made again after a loss. */
export interface GatewayConnection {
  readonly client: Client
  readonly tokens: TokenRenewal
  readonly beginnings: Pick<Beginnings, 'expect'>
  /** Resolves when a connection may be tried: at once, or after the pause a loss asks for. Throws StreamLostError. */
  ready(): Promise<void>
  close(): Promise<void>
}

const NORMAL_CLOSURE = 1000
const KEPT_WITHOUT_STREAMS_MS = 1_000 // a stream that pauses finds its socket again

/** Opens nothing before the first stream. */
export function createGatewayConnection(options: GatewayConnectionOptions): GatewayConnection {
  const { urls, accessToken = () => null, webSocketImpl, timing } = options
  const watchdog = createWatchdog(timing.answerWithinMs, () => client.terminate())
  const beginnings = createBeginnings()
  const pings = createPayloadPings(timing.answerWithinMs)
  const losses = createConnectionLosses(timing)
  let turn = Math.floor(Math.random() * urls.length) // spreads clients over replicas
  let hasLost = false

  const lose = (closure: Closure | null) => {
    watchdog.calm()
    pings.stop()
    tokens.stop()
    if (hasLost || closure?.code === NORMAL_CLOSURE) return
    hasLost = true
    turn += 1
    losses.add(closure)
  }
  const send = (token: string) => pings.send(authorizationOf(token))
  const tokens = createTokenRenewal({ accessToken, send, renewBeforeMs: timing.renewBeforeMs })
  const connectionParams = async () => authorizationOf(await tokens.first())
  const client = createClient({
    url: () => urls[turn % urls.length] ?? '',
    webSocketImpl: quietSocket(webSocketImpl),
    lazyCloseTimeout: KEPT_WITHOUT_STREAMS_MS,
    keepAlive: timing.pingEveryMs,
    retryAttempts: 0, // each stream goes on by itself, with its cursor
    connectionParams,
    on: {
      connecting() {
        hasLost = false
        watchdog.expect()
      },
      connected(socket) {
        watchdog.calm()
        losses.forget()
        pings.begin(socket)
        tokens.begin()
      },
      ping: (isReceived, payload) => (isReceived ? beginnings.tell(payload) : watchdog.expect()),
      pong(isReceived, payload) {
        if (!isReceived) return
        watchdog.calm()
        pings.answered(payload)
      },
      error: () => lose(null),
      closed: (event) => lose(closureOf(event)),
    },
  })
  return {
    client,
    tokens,
    beginnings,
    ready: () => losses.pause(),
    async close() {
      lose({ code: NORMAL_CLOSURE, reason: '' })
      losses.close()
      await Promise.resolve(client.dispose()).catch(() => undefined) // it was not even connected
    },
  }
}

function authorizationOf(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}
