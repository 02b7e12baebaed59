import { AppError } from '../../../platform/errors/app-error.js'
import type { Caller } from '../../gateway-request.js'
import type { TokenInUse } from './token-in-use.js'

/** What a `ping` with a token is answered with, as the payload of the `pong`. */
export type RenewalAnswer =
  /** Running operations go on with it. Null: it has no end. */
  | { readonly expiresInMs: number | null }
  /** Nothing has changed. */
  | { readonly code: string; readonly message: string }

/** Somebody else's token: one connection is one person's. */
export const FOREIGN_TOKEN = 'foreign token'

/**
 * Puts another token in place of the one in use. Only the same subject's may: what runs was admitted for that person. Without
 * a verifier nobody's subject is known, so nothing can be renewed.
 */
export function renewToken(token: TokenInUse, caller: Caller): RenewalAnswer | typeof FOREIGN_TOKEN {
  const [subject, renewed] = [token.caller, caller].map(({ principal }) => principal?.userId)
  if (subject === undefined && renewed === undefined) {
    return refusedRenewal(
      new AppError('AUTH_TOKEN_INVALID', {
        message: 'There is no verified token on this connection to renew: connect again with the new one.',
      }),
    )
  }
  if (subject !== renewed) return FOREIGN_TOKEN
  if (!token.replace(caller)) return refusedRenewal(new AppError('SUBSCRIPTION_SESSION_ENDED'))
  return { expiresInMs: token.expiresInMs }
}

export function refusedRenewal({ code, message }: AppError): RenewalAnswer {
  return { code, message }
}
