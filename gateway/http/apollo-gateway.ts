import type { GatewayExecutor, GatewayInterface } from '@apollo/server-gateway-interface'
import { OperationTypeNode, type ExecutionResult, type GraphQLSchema } from 'graphql'
import { errorCodes } from '../../platform/errors/error-codes.js'
import { gatewayError } from '../gateway-error.js'
import type { Gateway } from '../gateway.js'
import { acceptedSpec } from '../incremental/accepted-spec.js'
import type { WholeResult } from '../incremental/incremental-result.js'
import type { Generation } from '../supergraph/generation.js'
import type { SupergraphFile } from '../supergraph/supergraph-file.js'
import { OperationContext } from './operation-context.js'

/**
 * Our pipeline as the gateway of Apollo Server, which parses and validates. A document is executed on the supergraph it
 * was validated against, also when another has come into use meanwhile.
 */
export function createApolloGateway(supergraph: SupergraphFile, gateway: Gateway): GatewayInterface {
  const generations = new WeakMap<GraphQLSchema, Generation>()
  const stops = new Set<() => void>()
  const generationOf = (schema: GraphQLSchema): Generation => generations.get(schema) ?? supergraph.current()
  const executor: GatewayExecutor = async ({ context, schema, document, operation, request, source }) => {
    if (!(context instanceof OperationContext)) throw new Error('The operation came without its context.')
    const { caller, ids, headers, signal } = context
    if (operation?.operation === OperationTypeNode.SUBSCRIPTION) return subscriptionRefused(context)
    const { operationName, variables = {} } = request
    const isAddress = request.http?.method === 'GET'
    const sent = { query: source, document, operationName, variables, isAddress, caller, ids, headers, signal }
    const generation = generationOf(schema)
    const spec = acceptedSpec(request.http?.headers.get('accept') ?? undefined)
    context.inParts = spec === null ? null : await gateway.executeInPartsOn(generation, sent, spec)
    return context.inParts === null ? gateway.executeOn(generation, sent) : resultOf(context.inParts.initialResult)
  }
  return {
    onSchemaLoadOrUpdate(callback) {
      const announce = (generation: Generation): void => {
        generations.set(generation.apiSchema, generation)
        callback({ apiSchema: generation.apiSchema, coreSupergraphSdl: generation.sdl })
      }
      announce(supergraph.current())
      const stop = supergraph.onChange(announce)
      stops.add(stop)
      return stop
    },
    load: async () => ({ executor }),
    async stop() {
      for (const stop of stops) stop()
    },
  }
}

function resultOf({ data, errors, extensions }: WholeResult): ExecutionResult {
  return { data, ...(errors && { errors }), ...(extensions && { extensions }) }
}

function subscriptionRefused({ ids }: OperationContext): ExecutionResult {
  const error = gatewayError('SUBSCRIPTION_NOT_SUPPORTED', ids)
  error.extensions['http'] = { status: errorCodes.SUBSCRIPTION_NOT_SUPPORTED.status }
  return { errors: [error] }
}
