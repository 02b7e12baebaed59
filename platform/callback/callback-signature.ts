/**
 * Signatures of callbacks by the Standard Webhooks convention (standardwebhooks.com, version 1): HMAC-SHA256 over
 * `id.timestamp.body`, so that a receiver knows who sent it, when, and that it has not had it before.
 */
import { createHmac, randomBytes } from 'node:crypto'

const SECRET_PREFIX = 'whsec_'
const SECRET_BYTES = 32

/** A new secret as receivers' libraries take it: `whsec_` and base64. */
export function createCallbackSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

export interface SignedCallback {
  readonly id: string
  readonly sentAt: Date
  readonly body: string
}

/** The headers that go with a body; a signature for each secret, of which two are good while one replaces the other. */
export function callbackHeaders(
  { id, sentAt, body }: SignedCallback,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
