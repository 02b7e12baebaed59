import { allow, deny, rule, shield } from 'graphql-shield'
import { AppError } from '../errors/app-error.js'
import type { SubgraphContext } from './subgraph-context.js'

/** Somebody is signed in. */
export const isAuthenticated = rule('isAuthenticated', { cache: 'contextual' })(
  (_parent: unknown, _args: unknown, context: SubgraphContext) =>
    context.principal !== null || new AppError('AUTH_TOKEN_INVALID'),
)

/** Somebody is signed in and holds the permission, e.g. `biometric:enroll`. One rule a permission, as graphql-shield wants. */
export function hasPermission(permission: string): PermissionRule {
  const known = permissionRules.get(permission)
  if (known !== undefined) return known
  const created = createPermissionRule(permission)
  permissionRules.set(permission, created)
  return created
}

type PermissionRule = ReturnType<typeof createPermissionRule>

const permissionRules = new Map<string, PermissionRule>()

function createPermissionRule(permission: string) {
  return rule(`hasPermission:${permission}`, { cache: 'contextual' })(
    (_parent: unknown, _args: unknown, context: SubgraphContext) => {
      if (context.principal === null) return new AppError('AUTH_TOKEN_INVALID')
      return (
        context.principal.permissions.has(permission) ||
        new AppError('AUTHZ_INSUFFICIENT_PERMISSIONS', { message: `This needs the permission ${permission}.` })
      )
    },
  )
}

const assuranceLevels = ['aal1', 'aal2'] // weakest first

/**
 * Somebody signed in at this level (`acr`) within so many seconds (`auth_time`). Refuses with the parameters of a step-up
 * challenge (RFC 9470 section 3). One rule a pair, as graphql-shield wants.
 */
export function hasAssurance(acr: 'aal1' | 'aal2', maxAgeSeconds: number) {
  return rule(`hasAssurance:${acr}:${maxAgeSeconds}`, { cache: 'contextual' })(
    (_parent: unknown, _args: unknown, { principal }: SubgraphContext) => {
      if (principal === null) return new AppError('AUTH_TOKEN_INVALID')
      const { acr: reached, auth_time: at } = principal.claims
      const isHighEnough =
        typeof reached === 'string' && assuranceLevels.indexOf(reached) >= assuranceLevels.indexOf(acr)
      const isRecent = typeof at === 'number' && Date.now() / 1000 - at <= maxAgeSeconds
      if (isHighEnough && isRecent) return true
      const details = [
        { field: 'acr_values', reason: acr },
        { field: 'max_age', reason: String(maxAgeSeconds) },
      ]
      return new AppError('AUTH_STEP_UP_REQUIRED', { details })
    },
  )
}

/**
 * graphql-shield over a subgraph's schema, closed by default: a field without a rule is denied, so a new field is
 * unreachable until somebody has decided who may read it. The federation fields are open because `_entities` leads to
 * reference resolvers, which authorise for themselves (a rule on `__resolveReference` can't be set).
 */
export function createPermissions(rules: { Query: Record<string, unknown>; [type: string]: unknown }) {
  const tree = {
    ...rules,
    Query: { ...rules.Query, _service: allow, _entities: allow },
    _Service: allow,
  } as Parameters<typeof shield>[0]
  return shield(tree, {
    fallbackRule: deny,
    fallbackError: new AppError('AUTHZ_FORBIDDEN'),
    allowExternalErrors: true,
  })
}
