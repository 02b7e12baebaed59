import { AppError } from '../../../platform/errors/app-error.js'
import type { EmailAddress } from './email-address.js'

/** A place where people have accounts that can sign in here (OpenID Connect Core 1.0). */
export interface IdentityProvider {
  readonly id: string
  readonly displayName: string
  /** Whether it may send browsers back to this address. */
  allowsRedirect(redirectUri: string): boolean
  /** Whether its word on who owns an address counts: configuration says for which domains. */
  vouchesFor(emailKey: string): boolean
  /** Whether accounts here belong to it. */
  isIssuer(issuer: string): boolean
  /** Where to send the browser. Throws INT_EXTERNAL_SERVICE_ERROR while the provider can not be reached. */
  addressOf(passage: Passage): Promise<string>
  /**
   * Exchanges what came back for who it is. Throws AUTH_PROVIDER_REFUSED for an answer that is a refusal, is not for this
   * passage or does not hold, INT_EXTERNAL_SERVICE_ERROR while the provider can not be reached.
   */
  identify(passage: Passage, answer: ProviderAnswer): Promise<ProvidedIdentity>
}

export interface IdentityProviders {
  /** In the order to show them. */
  readonly all: readonly IdentityProvider[]
}

/** One way to a provider and back. */
export interface Passage {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
  /** Whether the provider is to ask anew who it is. */
  readonly isFresh: boolean
  readonly startedAt: Date
}

/** The parameters a browser came back with (RFC 6749 section 4.1.2, RFC 9207); null where absent. */
export interface ProviderAnswer {
  readonly state: string
  readonly code: string | null
  readonly issuer: string | null
  readonly error: string | null
}

/** Somebody, as a provider knows them. */
export interface ProvidedIdentity {
  readonly issuer: string
  /** Never given to another person by its issuer, which an address may be. */
  readonly subject: string
  /** Null unless the provider says that its owner has proved to read mail there (`email_verified`). */
  readonly verifiedEmail: EmailAddress | null
  /** Fit to be shown to others; null where there is none such. */
  readonly name: string | null
  /** When the provider asked who it is; null where it does not say. */
  readonly authenticatedAt: Date | null
}

/** Says why an account of a provider signs in to none here, and what to do. */
export function notLinked(message: string): AppError {
  return new AppError('AUTH_PROVIDER_NOT_LINKED', { message })
}
