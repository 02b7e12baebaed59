/**
 * How much one operation may ask for. In: an operation and its variables. Out: its estimated cost, told, logged, or the
 * reason for a refusal. It refuses to guess what an answer really cost: the estimate is an upper bound by the schema.
 */
import { GraphQLError } from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import type { Logger } from '../../platform/log/logger.js'
import { OperationRefused } from '../gateway-error.js'
import type { Operation } from '../operation/operation.js'
import { computeCost, type CostContext, type OperationCost } from './operation-cost.js'

export interface DemandSettings {
  /** `off`: nothing is computed. `measure`: costs are logged. `enforce`: operations above `maxCost` are refused. */
  readonly mode: 'off' | 'measure' | 'enforce'
  readonly maxCost: number
  /** Items of a list without `@listSize`. */
  readonly assumedListSize: number
  /** Costs are told in `extensions.cost`. */
  readonly showCost: boolean
}

export interface DemandControl {
  /** The cost to tell, null for none. Throws AppError OPERATION_TOO_COSTLY, OperationRefused for lists that are not sliced. */
  check(operation: Operation, variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null
}

export function createDemandControl(
  context: Pick<CostContext, 'schema' | 'rules'>,
  settings: DemandSettings,
  logger: Logger | null,
): DemandControl {
  const { mode, maxCost, assumedListSize, showCost } = settings
  const constants = new WeakMap<Operation, OperationCost>()
  const costOf = (operation: Operation, variables: Readonly<Record<string, unknown>>): OperationCost => {
    const known = constants.get(operation)
    if (known !== undefined) return known
    const computed = computeCost({ ...context, assumedListSize }, operation, variables)
    if (computed.isConstant) constants.set(operation, computed)
    return computed
  }
  return {
    check(operation, variables) {
      const { cost, unsliced } = costOf(operation, variables)
      const operationName = operation.definition.name?.value ?? null
      const isTooMuch = cost > maxCost
      logger?.[isTooMuch ? 'warn' : 'debug'](
        { operationName, cost, maxCost, mode },
        'the estimated cost of an operation',
      )
      if (mode === 'enforce' && unsliced.length > 0) throw new OperationRefused(unsliced.map(unslicedError))
      if (mode === 'enforce' && isTooMuch) {
        throw new AppError('OPERATION_TOO_COSTLY', {
          message: `The operation is estimated to cost ${cost}; one may cost ${maxCost}. Ask for less at a time.`,
        })
      }
      return showCost ? { cost: { estimated: cost, maximum: maxCost } } : null
    },
  }
}

function unslicedError({ field, choices }: OperationCost['unsliced'][number]): GraphQLError {
  return new GraphQLError(`The field ${field} needs exactly one of the arguments ${choices.join(', ')}.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  })
}
