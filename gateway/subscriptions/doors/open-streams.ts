import type { LiveMetrics } from '../live/live-metrics.js'
import type { SessionRegistry } from '../sessions/session-registry.js'
import type { StreamLimits } from '../subscription-settings.js'
import type { HttpStream } from './http-stream.js'
import { sendElsewhere } from './send-elsewhere.js'
import { SocketsByAddress } from './sockets-by-address.js'
import { createTokenDesk } from './token-in-use.js'

export interface OpenStreamsOptions {
  readonly limits: Pick<StreamLimits, 'maxStreams' | 'maxStreamsPerAddress' | 'maxBufferedBytes'>
  /** Over how long at most clients are sent elsewhere. */
  readonly drainMs: number
  readonly sessions: SessionRegistry
  readonly metrics: Pick<LiveMetrics, 'socketOpened' | 'socketClosed'>
  /** How often tokens are looked at; a second unless given. */
  readonly tickMs?: number
  readonly heartbeatMs?: number
  /** Milliseconds that only ever grow, by which tokens come to their end. */
  readonly now?: () => number
}

/** Why no further stream may begin. */
export type Fullness = 'stopping' | 'full' | 'address-full'

/** The streams over HTTP that are open: their limits, their heartbeats, the ends of their tokens and sessions. */
export interface OpenStreams {
  readonly size: number
  /** Null: one more may begin. */
  fullness(address: string | null): Fullness | null
  /** False, with nothing kept, where the caller's session has ended. The stream leaves by itself when it is closed. */
  add(stream: HttpStream): boolean
  /** Lets none begin, and sends the clients of all elsewhere, not all in the same moment. */
  drain(): Promise<void>
  /** Cuts off whatever is left. */
  close(): void
}

const TICK_MS = 1_000 // an ended token is good for a second longer at most
export const HEARTBEAT_MS = 15_000 // as the HTML standard advises: some proxies end what is silent for 30 s

export function createOpenStreams(options: OpenStreamsOptions): OpenStreams {
  const { limits, drainMs, sessions, metrics, tickMs = TICK_MS, heartbeatMs = HEARTBEAT_MS, now } = options
  const streams = new Set<HttpStream>()
  const addresses = new SocketsByAddress()
  const tokens = createTokenDesk(sessions, now)
  let stopping = false
  const ticking = setInterval(() => tokens.tick(), tickMs).unref()
  const beating = setInterval(() => streams.forEach((stream) => stream.beat()), heartbeatMs).unref()

  return {
    get size() {
      return streams.size
    },
    fullness(address) {
      if (stopping) return 'stopping'
      if (streams.size >= limits.maxStreams) return 'full'
      return addresses.countOf(address ?? '') >= limits.maxStreamsPerAddress ? 'address-full' : null
    },
    add(stream) {
      const token = tokens.take(stream.caller, stream)
      if (token === null) return false
      const address = stream.caller.address ?? ''
      streams.add(stream)
      addresses.add(address)
      metrics.socketOpened(stream.framing.kind)
      stream.onClose(() => {
        token.release()
        streams.delete(stream)
        addresses.remove(address)
        metrics.socketClosed(stream.framing.kind)
      })
      return true
    },
    drain() {
      stopping = true
      return sendElsewhere(streams, drainMs)
    },
    close() {
      stopping = true
      clearInterval(ticking)
      clearInterval(beating)
      for (const stream of streams) stream.destroy()
    },
  }
}
