/**
 * Who sends an operation. In: the `Authorization` header and the client's address. Out: the caller every later step goes
 * by. It refuses tokens that are forged, expired or malformed, where a key set says which are good; without one it only
 * passes the header on, and the subgraphs decide.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { bearerToken, type AccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'
import { clientUserAgent } from '../../platform/identity/client-headers.js'
import type { Caller } from '../gateway-request.js'

export type IdentifyingHeaders = Pick<IncomingHttpHeaders, 'authorization' | 'user-agent'>

/** Throws, or rejects with, AppError AUTH_TOKEN_INVALID, AUTH_TOKEN_EXPIRED, or INT_EXTERNAL_SERVICE_ERROR when the key set can't be read. */
export type IdentifyCaller = (headers: IdentifyingHeaders, address: string | null) => Caller | Promise<Caller>

export function createCallerIdentification(verifier: AccessTokenVerifier | null): IdentifyCaller {
  return ({ authorization, 'user-agent': agent }, address) => {
    const header = authorization === undefined || authorization === '' ? null : authorization
    const client = { authorization: header, address, userAgent: clientUserAgent(agent) }
    if (verifier === null || header === null) return { principal: null, ...client }
    const token = bearerToken(header)
    const principal = token === null ? null : verifier.verify(token)
    return principal instanceof Promise
      ? principal.then((verified) => ({ principal: verified, ...client }))
      : { principal, ...client }
  }
}
