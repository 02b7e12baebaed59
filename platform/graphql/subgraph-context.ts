import { AppError } from '../errors/app-error.js'
import type { Principal } from '../identity/principal.js'
import type { Logger } from '../log/logger.js'

/** What every resolver of every subgraph can count on; a subgraph adds its loaders and use cases. */
export interface SubgraphContext {
  /** Null for a request without an access token. */
  readonly principal: Principal | null
  readonly logger: Logger
  readonly requestId: string
  readonly traceId: string
  /** From the gateway's `x-forwarded-for`, else the socket; null when unknown. */
  readonly clientAddress: string | null
  readonly userAgent: string | null
}

/** The principal, or AUTH_TOKEN_INVALID: for resolvers behind a permission rule, which cannot be reached without one. */
export function requirePrincipal(context: SubgraphContext): Principal {
  if (context.principal === null) throw new AppError('AUTH_TOKEN_INVALID')
  return context.principal
}
