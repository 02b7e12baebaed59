import { z } from 'zod'

/** How long-lived connections are bounded; defaults and reasons stand at `streamLimits`. */
export interface StreamLimits {
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
  readonly maxOperationsPerSocket: number
  readonly maxMessageBytes: number
  readonly maxMessagesPerSecond: number
  readonly maxStreams: number
  readonly maxStreamsPerAddress: number
  readonly maxBufferedBytes: number
}

export interface SubscriptionSettings {
  /** What cursors are signed with: the first signs, all are accepted. Null: none are configured. */
  readonly cursorKeys: readonly Uint8Array[] | null
  readonly limits: StreamLimits
  /** Over how long clients are sent elsewhere before the gateway stops. */
  readonly drainMs: number
}

const MINIMUM_KEY_BYTES = 32 // as long as the digest of HMAC-SHA-256: RFC 2104, section 3
export const DEFAULT_DRAIN_MS = 20_000 // an orchestrator that kills after 30 s, the usual grace, leaves time for the rest

const count = z.number().int().positive()
const limit = (value: number, meaning: string) => count.default(value).describe(meaning)

/** The numbers of the file, each with its reason. */
export const streamLimits = z.strictObject({
  maxSockets: limit(20_000, 'WebSockets at a time, of about 16 kB each; a further one is answered 503.'),
  maxSocketsPerAddress: limit(1_000, 'WebSockets of one address, behind which may be a whole office.'),
  maxOperationsPerSocket: limit(
    100,
    'Operations at a time on one WebSocket: more is a client that forgets to complete.',
  ),
  maxMessageBytes: limit(1_048_576, "A WebSocket's message; as much as the body of an HTTP request."),
  maxMessagesPerSecond: limit(50, 'Messages of one WebSocket, on average; four times as many may come at once.'),
  maxStreams: limit(20_000, 'Streams over HTTP at a time (SSE and multipart); a further one is answered 503.'),
  maxStreamsPerAddress: limit(1_000, 'Streams over HTTP of one address; a further one is answered 429.'),
  maxBufferedBytes: limit(
    262_144,
    'What may wait for one client that reads slowly. With more its events are held back, then its policy applies.',
  ),
})

/** The section `subscriptions` of the gateway's file. */
export const subscriptionSection = z.strictObject({
  limits: streamLimits.prefault({}),
  drainMs: count
    .max(30_000)
    .optional()
    .describe(
      `Over how long clients are sent elsewhere before the gateway stops; ${DEFAULT_DRAIN_MS} unless given. Also GATEWAY_DRAIN_MS.`,
    ),
})

/** GATEWAY_CURSOR_KEYS: the keys, in base64, separated by commas. */
export const cursorKeys = z.string().transform((text, context): readonly Uint8Array[] => {
  const keys = text.split(',').map((key) => key.trim())
  const usable = keys.every((key) => isBase64(key) && Buffer.from(key, 'base64').length >= MINIMUM_KEY_BYTES)
  if (usable) return keys.map((key) => Buffer.from(key, 'base64'))
  const message = `must be base64 of at least ${MINIMUM_KEY_BYTES} bytes each, separated by commas: openssl rand -base64 32`
  context.issues.push({ code: 'custom', input: text, message })
  return z.NEVER
})

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
}
