/**
 * The closed list of error codes. In: nothing. Out: one table that says, for every code, the HTTP status a gateway may
 * answer with, whether the same request may be tried again, and a sentence a person can act on.
 * It refuses to grow silently: `docs/errors.md` is generated from it and compared in the tests.
 */

interface ErrorCodeEntry {
  /** HTTP status of the answer when this is the whole answer (GraphQL partial answers stay 200). */
  readonly status: number
  /** True where sending the same request again, later, may succeed without any change to it. */
  readonly retry: boolean
  /** What is told to a client when the thrower has nothing more exact to say. */
  readonly message: string
}

// One code a row, as in a table.
// prettier-ignore
export const errorCodes = {
  AUTH_INVALID_CREDENTIALS: { status: 401, retry: false, message: 'The e-mail address or the password is not right.' },
  AUTH_TOKEN_EXPIRED: { status: 401, retry: false, message: 'The access token has expired: refresh it and try again.' },
  AUTH_TOKEN_INVALID: { status: 401, retry: false, message: 'A valid access token is needed: sign in and try again.' },
  AUTH_MFA_REQUIRED: { status: 401, retry: false, message: 'A second factor is needed to go on.' },
  AUTH_MFA_INVALID: { status: 401, retry: false, message: 'The second factor was not accepted.' },
  AUTH_ACCOUNT_LOCKED: { status: 403, retry: false, message: 'The account is locked: try again later or contact support.' },
  AUTH_ACCOUNT_DISABLED: { status: 403, retry: false, message: 'The account is disabled: contact support.' },
  AUTH_EMAIL_NOT_VERIFIED: { status: 403, retry: false, message: 'Confirm your e-mail address first.' },
  AUTH_STEP_UP_REQUIRED: { status: 401, retry: false, message: 'This needs a stronger or more recent sign-in: sign in again as the details say.' },
  AUTH_PROVIDER_REFUSED: { status: 401, retry: false, message: 'The identity provider did not sign you in: begin again, or sign in another way.' },
  AUTH_PROVIDER_NOT_LINKED: { status: 403, retry: false, message: 'This account of the identity provider signs in to none here: sign in another way, then link it.' },
  AUTHZ_FORBIDDEN: { status: 403, retry: false, message: 'You may not do this.' },
  AUTHZ_INSUFFICIENT_PERMISSIONS: { status: 403, retry: false, message: 'Your role lacks the permission for this.' },
  AUTHZ_RESOURCE_OWNERSHIP: { status: 403, retry: false, message: 'This belongs to somebody else.' },
  AUTHZ_CONSENT_REQUIRED: { status: 403, retry: false, message: 'This needs your consent: show the document `consents` names, then send `giveConsent`. A moment later this works.' },
  VAL_VALIDATION_FAILED: { status: 400, retry: false, message: 'Some input is not valid: see details.' },
  VAL_INVALID_FORMAT: { status: 400, retry: false, message: 'Some input does not have the expected form: see details.' },
  VAL_REQUIRED_FIELD: { status: 400, retry: false, message: 'Some required input is missing: see details.' },
  VAL_FIELD_TOO_LONG: { status: 400, retry: false, message: 'Some input is too long: see details.' },
  VAL_FIELD_TOO_SHORT: { status: 400, retry: false, message: 'Some input is too short: see details.' },
  RES_NOT_FOUND: { status: 404, retry: false, message: 'There is no such thing, or it is not yours to see.' },
  RES_ALREADY_EXISTS: { status: 409, retry: false, message: 'This exists already.' },
  RES_ALREADY_DELETED: { status: 409, retry: false, message: 'This has been deleted already.' },
  RES_CONFLICT: { status: 409, retry: false, message: 'This was changed meanwhile: read it again, then repeat your change.' },
  BIOMETRIC_LOCKED: { status: 403, retry: false, message: 'Too many comparisons in a row did not match: sign in again with a second factor, or ask support to lift the lock.' },
  BIOMETRIC_RECORD_EXPIRED: { status: 409, retry: false, message: 'This record has expired: renew it with a new sample.' },
  BIOMETRIC_NONCE_STALE: { status: 409, retry: false, message: 'This nonce was used already, or is not of this verification: capture a new frame for the nonce it has now.' },
  BIOMETRIC_EVIDENCE_REFUSED: { status: 403, retry: false, message: 'No registered capture device vouches for this sample: see details.' },
  AI_REQUEST_FAILED: { status: 502, retry: true, message: 'The AI provider could not answer: try again later.' },
  AI_QUOTA_EXCEEDED: { status: 429, retry: true, message: 'Your AI budget is used up for now.' },
  AI_MODEL_NOT_FOUND: { status: 404, retry: false, message: 'No such AI model is configured.' },
  AI_TIMEOUT: { status: 504, retry: true, message: 'The AI provider took too long: try again later.' },
  AI_INVALID_RESPONSE: { status: 502, retry: true, message: 'The AI provider answered with something unreadable: try again.' },
  INT_INTEGRATION_FAILED: { status: 502, retry: true, message: 'The connected service could not be reached.' },
  INT_INTEGRATION_NOT_FOUND: { status: 404, retry: false, message: 'This integration is not connected.' },
  INT_INTEGRATION_EXPIRED: { status: 401, retry: false, message: 'The connection has expired: connect again.' },
  INT_INTEGRATION_REVOKED: { status: 401, retry: false, message: 'The connection was revoked: connect again.' },
  RATE_LIMIT_EXCEEDED: { status: 429, retry: true, message: 'Too many requests: wait a moment and try again.' },
  RATE_LIMIT_BUDGET: { status: 429, retry: true, message: 'The budget for this is used up: try again later.' },
  INT_INTERNAL_ERROR: { status: 500, retry: false, message: 'Something went wrong on our side. Quote the trace id to support.' },
  INT_DATABASE_ERROR: { status: 503, retry: true, message: 'Our data store is not available just now: try again shortly.' },
  INT_CACHE_ERROR: { status: 503, retry: true, message: 'A part of our system is not available just now: try again shortly.' },
  INT_EXTERNAL_SERVICE_ERROR: { status: 502, retry: true, message: 'A service this needs is not available just now: try again shortly.' },
  REQUEST_BODY_TOO_LARGE: { status: 413, retry: false, message: 'The request body is larger than 1 MiB: send less at a time.' },
  REQUEST_BODY_MALFORMED: { status: 400, retry: false, message: 'The request body is not valid JSON: correct it and send it again.' },
  REQUEST_METHOD_NOT_ALLOWED: { status: 405, retry: false, message: 'This operation carries something secret, which addresses are not for: send it by POST.' },
  OPERATION_TOO_COSTLY: { status: 400, retry: false, message: 'The operation costs more than one request may: ask for less at a time.' },
  SUBGRAPH_UNAVAILABLE: { status: 503, retry: true, message: 'A part of the graph is not available just now: try again shortly.' },
  SUBGRAPH_TIMEOUT: { status: 504, retry: true, message: 'A part of the graph took too long: try again shortly.' },
  SUBGRAPH_BAD_RESPONSE: { status: 502, retry: true, message: 'A part of the graph answered with something unreadable: try again shortly.' },
  PLAN_NOT_FOUND: { status: 500, retry: false, message: 'No part of the graph can answer this selection: ask for less, or tell support.' },
  SUBSCRIPTION_SOURCE_UNAVAILABLE: { status: 503, retry: true, message: 'Live events are not available just now: subscribe again shortly.' },
  SUBSCRIPTION_NOT_SUPPORTED: { status: 400, retry: false, message: 'The answer of a subscription goes on: connect to this same address by graphql-ws, or accept text/event-stream or multipart/mixed;subscriptionSpec=1.0.' },
  SUBSCRIPTION_UNAVAILABLE: { status: 503, retry: true, message: 'No stream can be held open here just now: subscribe again shortly.' },
  SUBSCRIPTION_TOKEN_EXPIRED: { status: 401, retry: false, message: 'The access token of this stream has expired: subscribe again with a new one.' },
  SUBSCRIPTION_SESSION_ENDED: { status: 401, retry: false, message: 'The session of this stream was ended: sign in again.' },
  SUBSCRIPTION_SCHEMA_CHANGED: { status: 400, retry: false, message: 'The graph has changed and no longer has what this stream asks for: reload, then subscribe again.' },
  CURSOR_EXPIRED: { status: 410, retry: false, message: 'The log no longer reaches back to this cursor: read the present state, then subscribe without it.' },
  CURSOR_UNSUPPORTED: { status: 400, retry: false, message: 'Events of this stream are kept nowhere, so that it cannot be resumed: read the present state, then subscribe without a cursor.' },
  CURSOR_INVALID: { status: 400, retry: false, message: 'This cursor is not of this subscription: subscribe without it.' },
  SUBSCRIPTION_LAGGING: { status: 429, retry: true, message: 'You read too slowly for this stream: subscribe again.' },
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof errorCodes

/** Whether a string is one of the closed list: the guard for codes that arrive from another process. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}
