import { setTimeout as delay } from 'node:timers/promises'
import { connect, errors, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import { StartupError } from '../errors/startup-error.js'
import type { Logger } from '../log/logger.js'
import { BusUnavailableError } from './bus.js'

export interface NatsConnectionOptions {
  /** One or more `nats://[user:password@|token@]host[:port]` (or `tls://`), separated by commas. */
  readonly url: string
  readonly clientName: string
  readonly logger: Logger
  /** How long a start waits for the server. */
  readonly connectWaitMs?: number
}

/** A connection that outlives the server's restarts. */
export interface NatsLink {
  readonly connection: NatsConnection
  /** Resolves when there is a server at the other end. Throws BusUnavailableError after `timeoutMs`, or once closed. */
  connected(timeoutMs: number): Promise<void>
  /** Calls back after each reconnection, until the returned function is called. */
  onReconnect(callback: () => void): () => void
  /** Calls back when the server is lost, until the returned function is called. */
  onDisconnect(callback: () => void): () => void
  close(): Promise<void>
}

const CONNECT_WAIT_MS = 30_000 // orchestrators start everything at once; a broker takes some seconds to be there
const RETRY_MS = 250
const FLUSH_MS = 1_000

/** Connects, waiting for a server that is still starting. Throws StartupError, without an address, when it can't. */
export async function connectNats(options: NatsConnectionOptions): Promise<NatsLink> {
  const connection = await firstConnection(options)
  const callbacks = new Set<() => void>()
  const mourners = new Set<() => void>()
  let up = true
  watch(connection, options.logger, (now) => {
    up = now
    for (const callback of up ? callbacks : mourners) callback()
  })
  return {
    connection,
    async connected(timeoutMs) {
      const deadline = performance.now() + timeoutMs
      while (!up || connection.isClosed()) {
        if (connection.isClosed() || performance.now() >= deadline) throw new BusUnavailableError()
        await delay(25)
      }
    },
    onReconnect(callback) {
      callbacks.add(callback)
      return () => void callbacks.delete(callback)
    },
    onDisconnect(callback) {
      mourners.add(callback)
      return () => void mourners.delete(callback)
    },
    async close() {
      if (connection.isClosed()) return
      // Acknowledgements on their way out; without a server there is nobody to wait for.
      await Promise.race([connection.flush(), delay(up ? FLUSH_MS : 0)]).catch(() => undefined)
      await connection.close()
    },
  }
}

async function firstConnection({ url, clientName, connectWaitMs = CONNECT_WAIT_MS }: NatsConnectionOptions) {
  const settings = settingsFromUrl(url)
  const deadline = performance.now() + connectWaitMs
  for (;;) {
    try {
      return await connect({
        ...settings,
        name: clientName,
        timeout: 2_000,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RETRY_MS,
        ignoreAuthErrorAbort: true, // a server that restarts with its accounts still loading is one to wait for
        pingInterval: 5_000, // a server that hangs, or a network that swallows everything, is noticed within 15 s
        maxPingOut: 2,
      })
    } catch (error) {
      if (error instanceof errors.AuthorizationError) {
        throw new StartupError('NATS refused the credentials: correct NATS_URL.', { cause: error })
      }
      if (performance.now() + RETRY_MS > deadline) {
        const seconds = Math.round(connectWaitMs / 1_000)
        throw new StartupError(`NATS did not answer for ${seconds} s: start it, or correct NATS_URL.`, { cause: error })
      }
    }
    await delay(RETRY_MS)
  }
}

function settingsFromUrl(text: string): NodeConnectionOptions {
  const urls = text.split(',').map((part) => parseUrl(part.trim()))
  const { username = '', password = '' } = urls.find((url) => url.username !== '') ?? {}
  const secret = decodeURIComponent(username)
  return {
    servers: urls.map((url) => url.host),
    ...(urls.some((url) => url.protocol === 'tls:') && { tls: {} }),
    ...(secret !== '' && (password === '' ? { token: secret } : { user: secret, pass: decodeURIComponent(password) })),
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'nats:' || url?.protocol === 'tls:') return url
  throw new StartupError('NATS_URL must be of the form nats://host:4222 or nats://user:password@host:4222.')
}

function watch(connection: NatsConnection, logger: Logger, changed: (up: boolean) => void): void {
  const follow = async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        logger.warn('the event bus is away')
        changed(false)
      } else if (status.type === 'reconnect') {
        logger.info('the event bus is back')
        changed(true)
      } else if (status.type === 'error') logger.warn({ err: status.error }, 'the event bus reports an error')
    }
  }
  void follow()
}
