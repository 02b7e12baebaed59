import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Against cross-site WebSocket hijacking. A page of this very server is let in on loopback only: elsewhere `Host` proves
 * nothing, as a name can be pointed at any address (DNS rebinding).
 */
export function isAllowedOrigin({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined || allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.host === host && LOOPBACK.has(url.hostname)
}

export type UpgradeRefusal = '404 Not Found' | '403 Forbidden' | '429 Too Many Requests' | '503 Service Unavailable'

/** Answers an upgrade with a status and closes, whatever still comes. `retryAfterSeconds` is for clients that may come again. */
export function refuseUpgrade(duplex: Duplex, status: UpgradeRefusal, retryAfterSeconds?: number): void {
  const retry = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`
  duplex.once('finish', () => duplex.destroy()) // a server's sockets stay half open as long as the client likes
  duplex.resume()
  duplex.end(`HTTP/1.1 ${status}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

const handshakeHeaders = /^(?:connection|upgrade|origin|accept-encoding|cache-control|pragma|sec-websocket-.*)$/

/** What is kept of the upgrade's headers as long as the socket lives: not what spoke of the upgrade alone. */
export function headersOfUpgrade({ headers }: IncomingMessage): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !handshakeHeaders.test(name)))
}
