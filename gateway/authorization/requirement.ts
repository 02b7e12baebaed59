import type { Withholding } from '../operation/operation.js'
import type { Caller } from '../gateway-request.js'

/** One applied directive: what a caller must have. Lists of lists: any of the outer, all of the inner. */
export type Requirement =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: 'policies'; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: 'acr'; readonly acr: string; readonly maxAgeSeconds: number | null }

/** Who asks, with everything requirements are decided by. */
export interface Standing {
  readonly caller: Caller
  /** Of the policies the operation names, those that hold for the caller. */
  readonly policies: ReadonlySet<string>
  /** Values of the claim `acr`, weakest first: a later one stands in for an earlier. Empty: only equal ones do. */
  readonly acrLevels: readonly string[]
  readonly nowSeconds: number
}

export function isMet(requirement: Requirement, standing: Standing): boolean {
  const { principal } = standing.caller
  switch (requirement.kind) {
    case 'authenticated':
      return principal !== null
    case 'scopes':
      return principal !== null && holdsAny(requirement.anyOf, principal.permissions)
    case 'policies':
      return holdsAny(requirement.anyOf, standing.policies)
    case 'acr':
      return (
        principal !== null &&
        reachesLevel(principal.claims['acr'], requirement.acr, standing.acrLevels) &&
        isRecent(principal.claims['auth_time'], requirement.maxAgeSeconds, standing.nowSeconds)
      )
  }
}

function holdsAny(anyOf: readonly (readonly string[])[], held: ReadonlySet<string>): boolean {
  return anyOf.some((allOf) => allOf.every((name) => held.has(name)))
}

function reachesLevel(acr: unknown, wanted: string, levels: readonly string[]): boolean {
  if (acr === wanted) return true
  if (typeof acr !== 'string') return false
  const least = levels.indexOf(wanted)
  return least >= 0 && levels.indexOf(acr) > least
}

const CLOCK_TOLERANCE_SECONDS = 5 // clocks of two machines differ, as for the expiry of a token

/** `auth_time`: https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
function isRecent(authTime: unknown, maxAgeSeconds: number | null, nowSeconds: number): boolean {
  if (maxAgeSeconds === null) return true
  return typeof authTime === 'number' && nowSeconds - authTime <= maxAgeSeconds + CLOCK_TOLERANCE_SECONDS
}

/** The refusal for requirements that are not met: what must be mended first comes first. */
export function withholdingFor(unmet: readonly Requirement[], isAnonymous: boolean): Withholding {
  if (isAnonymous) return { code: 'AUTH_TOKEN_INVALID', details: [] }
  const steps = unmet.filter((requirement) => requirement.kind === 'acr')
  if (steps.length < unmet.length) return { code: 'AUTHZ_INSUFFICIENT_PERMISSIONS', details: [] }
  // the parameters of a step-up challenge: https://www.rfc-editor.org/rfc/rfc9470#section-3
  const details = steps.flatMap(({ acr, maxAgeSeconds }) => [
    { field: 'acr_values', reason: acr },
    ...(maxAgeSeconds === null ? [] : [{ field: 'max_age', reason: String(maxAgeSeconds) }]),
  ])
  return { code: 'AUTH_STEP_UP_REQUIRED', details }
}
