/**
 * Who sends an operation. In: the `Authorization` header and the client's address. Out: the caller every later step goes
 * by. It refuses tokens that are forged, expired or malformed, where a key set says which are good; without one it only
 * passes the header on, and the subgraphs decide.
 */
import { bearerToken, type AccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'
import type { Caller } from '../gateway-request.js'

/** Throws AppError AUTH_TOKEN_INVALID, AUTH_TOKEN_EXPIRED, or INT_EXTERNAL_SERVICE_ERROR when the key set can't be read. */
export type IdentifyCaller = (authorization: string | undefined, address: string | null) => Promise<Caller>

export function createCallerIdentification(verifier: AccessTokenVerifier | null): IdentifyCaller {
  return async (authorization, address) => {
    const header = authorization === undefined || authorization === '' ? null : authorization
    if (verifier === null || header === null) return { principal: null, authorization: header, address }
    const token = bearerToken(header)
    return { principal: token === null ? null : await verifier.verify(token), authorization: header, address }
  }
}
