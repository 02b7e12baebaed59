import { createHash } from 'node:crypto'
import type { OperationNeeds } from '../../authorization/operation-needs.js'
import type { GatewayRequest } from '../../gateway-request.js'
import { canonicalJson } from './canonical-json.js'

export interface ShareKeyParts {
  readonly request: Pick<GatewayRequest, 'variables' | 'caller' | 'headers'>
  /** The same object for all who are admitted to the same. */
  readonly plan: object
  /** Whether subgraphs are asked for anything: what they answer may depend on who asks. */
  readonly fetches: boolean
  /** Of the operation as its client sent it. */
  readonly needs: OperationNeeds | null
  /** What its answers say of the operation; null for nothing. */
  readonly extensions: Readonly<Record<string, unknown>> | null
  /** Headers of the client that subgraphs are sent. */
  readonly forwardHeaders: readonly string[]
}

/**
 * Subscriptions of equal keys have the same answers, event by event, for as long as their callers' tokens last. `audience`: the
 * claims that tell callers apart where subgraphs are asked; null for all of them, that is for the person.
 */
export function shareKeyOf(parts: ShareKeyParts, audience: readonly string[] | null): string {
  const { request, plan, fetches } = parts
  return canonicalJson([
    numberOf(plan),
    request.variables,
    standingOf(parts),
    fetches ? [identityOf(request, audience), forwardedOf(parts)] : null,
  ])
}

/** What admission depends on beyond the token that is admitted now: those who share must stand and fall together. */
function standingOf({ request: { caller }, needs, extensions }: ShareKeyParts): unknown {
  const { principal } = caller
  const isPersonal = (needs?.policies.length ?? 0) > 0 || extensions?.['authorization'] !== undefined
  const isTimed = needs?.requirements.some((one) => one.kind === 'acr' && one.maxAgeSeconds !== null) ?? false
  return [
    isPersonal ? [principal?.userId, principal?.sessionId, digestOfToken(caller.authorization)] : null,
    isTimed ? principal?.claims['auth_time'] : null,
  ]
}

/** Where tokens are only passed on nobody is known: then each token is somebody else. */
function identityOf({ caller }: ShareKeyParts['request'], audience: readonly string[] | null): unknown {
  const { principal, authorization } = caller
  if (principal === null) return { token: digestOfToken(authorization) }
  if (audience === null) return { sub: principal.userId }
  return { claims: audience.map((name) => principal.claims[name] ?? null) }
}

function forwardedOf({ request, forwardHeaders }: ShareKeyParts): unknown {
  return forwardHeaders.map((name) => request.headers?.[name] ?? null)
}

/** A digest: keys are held for long, and may be looked at. */
export function digestOfToken(authorization: string | null): string | null {
  return authorization === null ? null : createHash('sha256').update(authorization).digest('base64url')
}

const numbers = new WeakMap<object, number>()
let last = 0

function numberOf(plan: object): number {
  const known = numbers.get(plan)
  if (known !== undefined) return known
  last += 1
  numbers.set(plan, last)
  return last
}
