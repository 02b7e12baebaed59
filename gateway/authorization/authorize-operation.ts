/**
 * Who may see what, settled before anything is planned. In: an operation, its caller, the rules of the supergraph. Out: the
 * operation as this caller may run it, the same object for every caller of the same standing. It refuses to look at data:
 * what depends on whose record it is, the subgraph decides.
 */
import type { FieldNode, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../gateway-request.js'
import type { Operation } from '../operation/operation.js'
import { EVERYTHING, type WrittenDown } from '../operation/written-down.js'
import type { AccessRules } from './access-rules.js'
import { findNeeds, type OperationNeeds } from './operation-needs.js'
import { isMet, withholdingFor } from './requirement.js'
import type { Withholding } from '../operation/operation.js'
import { withholdFields } from './withhold-fields.js'

/** Of the policies named, those that hold for the caller. Called at most once an operation; throwing refuses it whole. */
export type EvaluatePolicies = (names: readonly string[], caller: Caller) => Promise<ReadonlySet<string>>

export interface DecisionSettings {
  readonly evaluatePolicies: EvaluatePolicies
  /** Values of the claim `acr`, weakest first: a later one stands in for an earlier. */
  readonly acrLevels: readonly string[]
}

export interface AccessControl {
  /** The directives it goes by, of which a token must tell; empty where nothing is asked of anybody. */
  readonly directives: readonly string[]
  /** The levels of sign-in it asks for somewhere: each is to have its place in the order of `acrLevels`. */
  readonly acrLevels: readonly string[]
  /** What the operation asks of its caller; null for one that asks nothing. Found once, then a lookup. */
  needsOf(operation: Operation): OperationNeeds | null
  writtenDown(operation: Operation): WrittenDown
  /**
   * The operation as the caller may run it, itself when that is whole. A promise only where policies must be asked for. To be
   * called again when the caller's standing may have changed: on a renewed token, for each event of a subscription.
   */
  authorize(
    operation: Operation,
    needs: OperationNeeds,
    caller: Caller,
    settings: DecisionSettings,
  ): Operation | Promise<Operation>
}

const MAXIMUM_CLASSES = 32 // of callers an operation is kept for; a product has a handful of roles

export function createAccessControl(rules: AccessRules, schema: GraphQLSchema): AccessControl {
  const needs = new WeakMap<Operation, OperationNeeds | null>()
  const classes = new WeakMap<Operation, LRUCache<string, Operation>>()

  const decide = (
    operation: Operation,
    needed: OperationNeeds,
    caller: Caller,
    acrLevels: readonly string[],
    policies: ReadonlySet<string>,
  ): Operation => {
    const standing = { caller, policies, acrLevels, nowSeconds: Date.now() / 1000 }
    let key = caller.principal === null ? 'anonymous ' : 'known '
    let isWhole = true
    for (const requirement of needed.requirements) {
      const met = isMet(requirement, standing)
      key += met ? '1' : '0'
      isWhole &&= met
    }
    if (isWhole) return operation
    const known = classes.get(operation) ?? new LRUCache<string, Operation>({ max: MAXIMUM_CLASSES })
    classes.set(operation, known)
    const earlier = known.get(key)
    if (earlier !== undefined) return earlier
    const fields = new Map<FieldNode, Withholding>()
    for (const [node, requirements] of needed.fields) {
      const unmet = requirements.filter((requirement) => !isMet(requirement, standing))
      if (unmet.length > 0) fields.set(node, withholdingFor(unmet, caller.principal === null))
    }
    const authorized = withholdFields(operation, fields)
    known.set(key, authorized)
    return authorized
  }
  const needsOf = (operation: Operation): OperationNeeds | null => {
    const known = needs.get(operation)
    if (known !== undefined) return known
    const found = findNeeds(rules, schema, operation)
    needs.set(operation, found)
    return found
  }
  return {
    directives: rules.directives,
    acrLevels: rules.acrLevels,
    needsOf,
    writtenDown: (operation) => needsOf(operation)?.writtenDown ?? EVERYTHING,
    authorize(operation, needed, caller, { evaluatePolicies, acrLevels }) {
      if (needed.requirements.length === 0) return operation
      if (needed.policies.length === 0) return decide(operation, needed, caller, acrLevels, NONE)
      return evaluatePolicies(needed.policies, caller).then((policies) =>
        decide(operation, needed, caller, acrLevels, policies),
      )
    },
  }
}

const NONE: ReadonlySet<string> = new Set()

/** Policies a token names itself: in a list, or in one text separated by spaces. */
export function policiesOfClaim(claim: string): EvaluatePolicies {
  return async (_names, { principal }) => {
    const value = principal?.claims[claim]
    if (typeof value === 'string') return new Set(value.split(' '))
    return new Set(Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [])
  }
}
