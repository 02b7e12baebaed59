import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { expressMiddleware } from '@as-integrations/express5'
import type { RequestHandler } from 'express'
import { createErrorFormatter } from '../../platform/graphql/graphql-errors.js'
import type { Logger } from '../../platform/log/logger.js'
import { GatewayError } from '../gateway-error.js'
import type { Gateway } from '../gateway.js'
import type { IdentifyCaller } from '../identity/identify-caller.js'
import type { DocumentLimits } from '../operation/document-store.js'
import { createLimitRules } from '../operation/limit-rules.js'
import type { SupergraphFile } from '../supergraph/supergraph-file.js'
import { createApolloGateway } from './apollo-gateway.js'
import { createOperationContext, type OperationContext } from './operation-context.js'
import { statusPlugin } from './status-plugin.js'

export interface GraphqlRouteOptions {
  readonly supergraph: SupergraphFile
  readonly gateway: Gateway
  readonly identify: IdentifyCaller
  readonly limits: DocumentLimits
  readonly logger: Logger
}

export interface GraphqlRoute {
  readonly handler: RequestHandler
  stop(): Promise<void>
}

/**
 * GraphQL over HTTP. In: POSTs and GETs as Apollo Server takes them, its plugins at work. Out: results of the pipeline. It
 * refuses requests a foreign page could have sent (CSRF), and subscriptions: those need a WebSocket.
 */
export async function openGraphqlRoute(options: GraphqlRouteOptions): Promise<GraphqlRoute> {
  const { supergraph, gateway, identify, limits, logger } = options
  const formatUnexpected = createErrorFormatter(logger)
  const server = new ApolloServer<OperationContext>({
    gateway: createApolloGateway(supergraph, gateway),
    plugins: [ApolloServerPluginLandingPageDisabled(), statusPlugin],
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: createLimitRules(limits),
    introspection: limits.introspection,
    hideSchemaDetailsFromClientErrors: !limits.suggestions,
    csrfPrevention: false, // ours lets harmless GETs through: see answer-rules
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => (error instanceof GatewayError ? formatted : formatUnexpected(formatted, error)),
    logger,
  })
  await server.start()
  return {
    handler: expressMiddleware(server, { context: ({ req, res }) => createOperationContext(req, res, identify) }),
    stop: () => server.stop(),
  }
}
