import type { StreamLimits } from '../subscription-settings.js'

/** Limits of the WebSocket door: those that are configured, and times, each with its reason. Tests choose smaller ones. */
export interface WebSocketLimits extends Omit<StreamLimits, 'maxStreams' | 'maxStreamsPerAddress'> {
  /** From the handshake until `connection_init` is acknowledged: how long somebody unknown is let stay. */
  readonly initTimeoutMs: number
  /** How long a connection stays whose token has ended, so that a `ping` can bring a new one. */
  readonly tokenGraceMs: number
  /** A connection that is silent for so long is sent a ping, at the latest. */
  readonly pingIntervalMs: number
  /** One that is silent, or that reads nothing, for so long is dead. */
  readonly deadAfterMs: number
  /** Over how long clients are sent elsewhere when the door closes. */
  readonly drainMs: number
  /** How long a client has to answer the closing handshake. */
  readonly closeGraceMs: number
  /** How often the one clock of all connections looks at them. */
  readonly tickMs: number
}

/** What a client may have waiting, in multiples of `maxBufferedBytes`, before it is cut off: answers it asked for and does not read. */
export const CUT_OFF_FACTOR = 16

/** Times `maxMessagesPerSecond` that may come at once, as after a pause of the network. */
export const BURST_FACTOR = 4

/** Of an operation: a UUID has 36. It is kept as long as the operation runs, and repeated in every answer. */
export const MAX_ID_LENGTH = 128

export const webSocketTimes = {
  initTimeoutMs: 10_000, // a phone on a bad line needs several round trips for TLS and the upgrade
  tokenGraceMs: 60_000, // a client whose clock is a minute off learns of the end from us, and then still asks for a token
  pingIntervalMs: 30_000, // proxies drop connections that are silent for 60 s
  deadAfterMs: 60_000,
  closeGraceMs: 3_000, // a round trip, or two over a bad line
  tickMs: 1_000, // an ended token is good for a second longer at most
} as const satisfies Partial<WebSocketLimits>
