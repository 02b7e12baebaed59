import { OperationTypeNode } from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { isIncluded } from '../operation/is-included.js'
import { gatewayError, OperationRefused, type GatewayError } from '../gateway-error.js'
import type { GatewayRequest } from '../gateway-request.js'
import type { Operation } from '../operation/operation.js'
import type { AccessControl, DecisionSettings } from './authorize-operation.js'
import { placesOf, type WithheldPlace } from './withhold-fields.js'

export interface AccessSettings extends DecisionSettings {
  /** What happens to an operation of which a part is not for its caller: that part is left out, or all of it is refused. */
  readonly mode: 'filter' | 'reject'
  /** Nothing is left out or refused; what would be is told in `extensions.authorization`. */
  readonly dryRun: boolean
}

export interface Admission {
  /** As this caller may run it. */
  readonly operation: Operation
  /** For the answer; null where there is nothing to tell. */
  readonly extensions: Readonly<Record<string, unknown>> | null
}

/**
 * Throws OperationRefused where a part is withheld and the mode is `reject`, or the field of a subscription is; AppError
 * REQUEST_METHOD_NOT_ALLOWED for something sensitive in an address; whatever the evaluation of policies throws.
 */
export function enforceAccess(
  access: AccessControl | null,
  operation: Operation,
  request: GatewayRequest,
  variables: Readonly<Record<string, unknown>>,
  settings: AccessSettings,
): Admission | Promise<Admission> {
  const needs = access?.needsOf(operation) ?? null
  if (access === null || needs === null) return { operation, extensions: null }
  if (request.isAddress === true && !needs.writtenDown.inAddress) throw new AppError('REQUEST_METHOD_NOT_ALLOWED')
  const authorized = access.authorize(operation, needs, request.caller, settings)
  return authorized instanceof Promise
    ? authorized.then((settled) => admit(operation, settled, request, variables, settings))
    : admit(operation, authorized, request, variables, settings)
}

function admit(
  operation: Operation,
  authorized: Operation,
  request: GatewayRequest,
  variables: Readonly<Record<string, unknown>>,
  { mode, dryRun }: AccessSettings,
): Admission {
  if (authorized === operation) return { operation, extensions: null }
  const isSubscription = operation.definition.operation === OperationTypeNode.SUBSCRIPTION
  if (!dryRun && mode === 'filter' && !isSubscription) return { operation: authorized, extensions: null }
  const places = placesOf(authorized, (selection) => !isIncluded(selection, variables))
  if (dryRun) return { operation, extensions: places.length === 0 ? null : dryRunOf(places, request) }
  // without its one field a subscription would be a stream of nothing
  const refused = mode === 'reject' ? places : places.filter(({ path }) => path.length === 1)
  if (refused.length > 0) throw new OperationRefused(errorsAt(refused, request))
  return { operation: authorized, extensions: null }
}

function errorsAt(places: readonly WithheldPlace[], { ids }: GatewayRequest): GatewayError[] {
  return places.map(({ path, withholding: { code, details } }) => gatewayError(code, ids, { path, details }))
}

function dryRunOf(places: readonly WithheldPlace[], request: GatewayRequest): Record<string, unknown> {
  return { authorization: { dryRun: true, errors: errorsAt(places, request).map((error) => error.toJSON()) } }
}
