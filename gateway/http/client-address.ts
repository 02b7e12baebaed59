import type { IncomingMessage } from 'node:http'

/** Whether to believe what a machine says of those behind it; `hop` counts from the socket. */
export type TrustProxy = (address: string, hop: number) => boolean

/** The client's address as the first trusted proxy saw it: Express's `req.ip`, for requests that do not come through it. */
export function createClientAddress(trust: TrustProxy): (request: IncomingMessage) => string | null {
  return ({ socket, headers }) => {
    const nearest = socket.remoteAddress ?? null
    const forwarded = headers['x-forwarded-for']
    if (nearest === null || typeof forwarded !== 'string') return nearest
    const hops = [nearest, ...forwarded.split(',').reverse()].map((hop) => hop.trim())
    return hops.find((address, hop) => hop === hops.length - 1 || !trust(address, hop)) ?? nearest
  }
}
