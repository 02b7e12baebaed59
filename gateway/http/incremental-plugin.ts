import { HeaderMap, type ApolloServerPlugin, type GraphQLResponse } from '@apollo/server'
import { OperationTypeNode } from 'graphql'
import type { Gateway } from '../gateway.js'
import { acceptedSpec } from '../incremental/accepted-spec.js'
import type { IncrementalResult } from '../incremental/incremental-result.js'
import type { ApolloGateway } from './apollo-gateway.js'
import type { OperationContext } from './operation-context.js'

/**
 * Answers operations with `@defer` in parts, to clients whose `Accept` names a form of it; to others an answer comes in one
 * piece. In place of the executor, which Apollo Server takes to have single results only.
 */
export function incrementalPlugin(
  apolloGateway: ApolloGateway,
  gateway: Gateway,
): ApolloServerPlugin<OperationContext> {
  return {
    async requestDidStart({ request }) {
      const spec = acceptedSpec(request.http?.headers.get('accept'))
      if (spec === null) return undefined
      return {
        async responseForOperation({ contextValue, document, operation, schema, source }) {
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) return null
          const { caller, ids, headers, signal } = contextValue
          const { operationName, variables = {} } = request
          const isAddress = request.http?.method === 'GET'
          const asked = { query: source, document, operationName, variables, isAddress, caller, ids, headers, signal }
          const result = await gateway.executeInPartsOn(apolloGateway.generationOf(schema), asked, spec)
          return result === null ? null : responseOf(result)
        },
      }
    },
  }
}

function responseOf(result: IncrementalResult): GraphQLResponse {
  const http = { status: undefined, headers: new HeaderMap() }
  const { initialResult, subsequentResults } = result
  return { http, body: { kind: 'incremental', initialResult, subsequentResults } }
}
