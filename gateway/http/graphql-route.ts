import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { expressMiddleware } from '@as-integrations/express5'
import type { RequestHandler } from 'express'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { createErrorFormatter } from '../../platform/graphql/graphql-errors.js'
import type { Logger } from '../../platform/log/logger.js'
import { GatewayError } from '../gateway-error.js'
import type { Gateway } from '../gateway.js'
import type { IdentifyCaller } from '../identity/identify-caller.js'
import type { DocumentLimits } from '../operation/document-store.js'
import { deferRules } from '../operation/defer-rules.js'
import { createLimitRules } from '../operation/limit-rules.js'
import { createPersistedTexts, type TextOf } from '../operation/persisted-texts.js'
import type { SupergraphFile } from '../supergraph/supergraph-file.js'
import { absentQuery } from './absent-query.js'
import { createApolloCaches } from './apollo-caches.js'
import { createApolloGateway } from './apollo-gateway.js'
import { createLaterHooks } from './later-hooks.js'
import { incrementalPlugin } from './incremental-plugin.js'
import { operationGate } from './operation-gate.js'
import { createOperationContext, type OperationContext } from './operation-context.js'
import { statusPlugin } from './status-plugin.js'

export interface GraphqlRouteOptions {
  readonly supergraph: SupergraphFile
  readonly gateway: Gateway
  readonly identify: IdentifyCaller
  readonly limits: DocumentLimits
  /** The embedding program's own: they see every request. */
  readonly plugins: readonly ApolloServerPlugin<OperationContext>[]
  readonly logger: Logger
}

export interface GraphqlRoute {
  /** To be mounted in this order. */
  readonly handlers: readonly RequestHandler[]
  /** An error of a result as a client sees it. */
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError
  /** For other doors: what is persisted through one is known to all. */
  readonly textOf: TextOf
  stop(): Promise<void>
}

/**
 * GraphQL over HTTP. In: POSTs and GETs as Apollo Server takes them, its plugins at work. Out: results of the pipeline. It
 * refuses requests a foreign page could have sent (CSRF), and subscriptions: their answers go on, by other doors.
 */
export async function openGraphqlRoute(options: GraphqlRouteOptions): Promise<GraphqlRoute> {
  const { supergraph, gateway, identify, limits, plugins, logger } = options
  const formatUnexpected = createErrorFormatter(logger)
  const formatError = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError =>
    error instanceof GatewayError ? formatted : formatUnexpected(withCode(formatted, error), error)
  const laterHooks = createLaterHooks()
  const documents = () => supergraph.current().documents
  const persistedTexts = createPersistedTexts(documents)
  const server = new ApolloServer<OperationContext>({
    gateway: createApolloGateway(supergraph, gateway),
    plugins: [
      incrementalPlugin(laterHooks), // before all others
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(), // it would go by variables of its own, and send operations elsewhere
      ApolloServerPluginSchemaReportingDisabled(),
      statusPlugin,
      ...plugins.map((plugin) => laterHooks.observed(plugin)),
    ],
    ...createApolloCaches(documents, persistedTexts),
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [...createLimitRules(limits), ...deferRules],
    validationOptions: { maxErrors: limits.maxValidationErrors },
    introspection: limits.introspection,
    hideSchemaDetailsFromClientErrors: !limits.suggestions,
    csrfPrevention: false, // ours lets harmless GETs through: see answer-rules
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    formatError,
    logger,
  })
  await server.start()
  return {
    handlers: [
      absentQuery,
      operationGate({ documents, formatError }),
      expressMiddleware(server, { context: ({ req, res }) => createOperationContext(req, res, identify) }),
    ],
    formatError,
    textOf: persistedTexts.textOf,
    stop: () => server.stop(),
  }
}

/** Some of what Apollo Server refuses in a request has a status of its and no code. */
function withCode(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const http: unknown =
    error instanceof GraphQLError && error.extensions['code'] === undefined && error.extensions['http']
  if (typeof http !== 'object' || http === null || !('status' in http) || http.status !== 400) return formatted
  return { ...formatted, extensions: { ...formatted.extensions, code: 'BAD_REQUEST' } }
}
