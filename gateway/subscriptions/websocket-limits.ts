/** Limits of the WebSocket door, each with its reason. Tests choose smaller ones. */
export interface WebSocketLimits {
  /** Connections at a time; a further one is answered 503 before it costs anything. */
  readonly maxSockets: number
  /** Operations at a time on one connection. */
  readonly maxOperations: number
  readonly maxMessageBytes: number
  /** From the handshake to `connection_init`. */
  readonly initTimeoutMs: number
  readonly pingIntervalMs: number
  /** Pings left unanswered before a connection counts as dead. */
  readonly maxMissedPings: number
  /** How long a result of a subscription may wait to be sent. */
  readonly stallMs: number
  /** Bytes of one connection that may wait for a slow client, over all its operations. */
  readonly maxBufferedBytes: number
  /** How long clients have to answer the closing handshake when the door closes. */
  readonly closeGraceMs: number
}

export const webSocketLimits: WebSocketLimits = {
  maxSockets: 20_000, // about 16 kB each: 320 MB
  maxOperations: 100, // a screen has a handful; a hundred is a client that forgets to unsubscribe
  maxMessageBytes: 1_048_576, // as the body of an HTTP request
  initTimeoutMs: 10_000, // a phone on a bad line needs several round trips for TLS and the upgrade
  pingIntervalMs: 30_000, // proxies drop connections that are silent for 60 s
  maxMissedPings: 2, // dead after 60 s without an answer
  stallMs: 10_000, // results wait only when megabytes before them are unread; replays of the log then still reach back
  maxBufferedBytes: 4_194_304, // several whole answers
  closeGraceMs: 5_000,
}
