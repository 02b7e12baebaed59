import type { IncomingHttpHeaders } from 'node:http'
import { clientAddress } from '../../platform/identity/client-headers.js'

/** Whether to believe what a machine says of those behind it; `hop` counts from the socket. */
export type TrustProxy = (address: string, hop: number) => boolean

/** What of a request tells where it comes from. */
export interface AddressedRequest {
  readonly socket: { readonly remoteAddress?: string | undefined }
  readonly headers: IncomingHttpHeaders
}

/** The client's address as the first trusted proxy saw it: Express's `req.ip`, for requests that do not come through it. */
export function createClientAddress(trust: TrustProxy): (request: AddressedRequest) => string | null {
  return ({ socket, headers }) => {
    const nearest = socket.remoteAddress
    const forwarded = headers['x-forwarded-for']
    if (nearest === undefined || typeof forwarded !== 'string') return clientAddress(nearest, undefined)
    const hops = [nearest, ...forwarded.split(',').reverse()].map((hop) => hop.trim())
    const claimed = hops.find((address, hop) => hop === hops.length - 1 || !trust(address, hop))
    return clientAddress(claimed, nearest)
  }
}
