import { setTimeout as delay } from 'node:timers/promises'
import type { LiveMetrics } from '../live/live-metrics.js'
import type { SessionRegistry } from '../sessions/session-registry.js'
import type { StreamLimits } from '../subscription-settings.js'
import type { HttpStream } from './http-stream.js'

export interface OpenStreamsOptions {
  readonly limits: Pick<StreamLimits, 'maxStreams' | 'maxStreamsPerAddress'>
  /** Over how long at most clients are sent elsewhere. */
  readonly drainMs: number
  readonly sessions: Pick<SessionRegistry, 'join' | 'leave'>
  readonly metrics: Pick<LiveMetrics, 'socketOpened' | 'socketClosed'>
  /** How often tokens are looked at; a second unless given. */
  readonly sweepMs?: number
  readonly heartbeatMs?: number
  /** Milliseconds since the epoch, which the ends of tokens are compared with. */
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

const SWEEP_MS = 1_000
const HEARTBEAT_MS = 15_000 // as the HTML standard advises: some proxies end what is silent for 30 s
const ENDED_A_STEP = 10 // 500 a second, which one other replica takes easily
const DRAIN_STEP_MS = 20
const RETRY_MS = { least: 500, most: 4_500 } // so that they don't all come back in the same second

export function createOpenStreams(options: OpenStreamsOptions): OpenStreams {
  const { limits, drainMs, sessions, metrics, sweepMs = SWEEP_MS, heartbeatMs = HEARTBEAT_MS, now = Date.now } = options
  const streams = new Set<HttpStream>()
  const perAddress = new Map<string | null, number>()
  let stopping = false
  const count = (address: string | null, change: 1 | -1): void => {
    const value = (perAddress.get(address) ?? 0) + change
    if (value === 0) perAddress.delete(address)
    else perAddress.set(address, value)
  }
  const sweep = setInterval(() => {
    const seconds = now() / 1_000
    for (const stream of streams) if (isOver(stream, seconds)) stream.expire()
  }, sweepMs).unref()
  const heartbeat = setInterval(() => streams.forEach((stream) => stream.beat()), heartbeatMs).unref()

  return {
    get size() {
      return streams.size
    },
    fullness(address) {
      if (stopping) return 'stopping'
      if (streams.size >= limits.maxStreams) return 'full'
      return (perAddress.get(address) ?? 0) >= limits.maxStreamsPerAddress ? 'address-full' : null
    },
    add(stream) {
      const { caller } = stream
      if (!sessions.join(caller, stream)) return false
      streams.add(stream)
      count(caller.address, 1)
      metrics.socketOpened(stream.framing.kind)
      stream.onClose(() => {
        sessions.leave(caller, stream)
        streams.delete(stream)
        count(caller.address, -1)
        metrics.socketClosed(stream.framing.kind)
      })
      return true
    },
    async drain() {
      stopping = true
      const left = [...streams]
      const aStep = Math.max(ENDED_A_STEP, Math.ceil((left.length * DRAIN_STEP_MS) / drainMs))
      while (left.length > 0) {
        for (const stream of left.splice(0, aStep)) stream.sendElsewhere(retryMs())
        if (left.length > 0) await delay(DRAIN_STEP_MS)
      }
    },
    close() {
      stopping = true
      clearInterval(sweep)
      clearInterval(heartbeat)
      for (const stream of streams) stream.destroy()
    },
  }
}

function isOver({ caller: { principal } }: HttpStream, seconds: number): boolean {
  return principal !== null && principal.expiresAtSeconds <= seconds
}

function retryMs(): number {
  return Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least))
}
