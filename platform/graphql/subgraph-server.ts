import { ApolloServer } from '@apollo/server'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { expressMiddleware } from '@as-integrations/express5'
import express, { type Router } from 'express'
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js'
import { applyMiddleware, type IMiddlewareGenerator } from 'graphql-middleware'
import { isUnionType, type GraphQLSchema } from 'graphql'
import { AppError } from '../errors/app-error.js'
import { bearerToken, type AccessTokenVerifier } from '../identity/access-token-verifier.js'
import { clientAddress, clientUserAgent } from '../identity/client-headers.js'
import type { Logger } from '../log/logger.js'
import { currentRequestContext } from '../log/request-context.js'
import { createErrorFormatter, toGraphQLError } from './graphql-errors.js'
import { loadTypeDefs } from './load-type-defs.js'
import type { SubgraphContext } from './subgraph-context.js'

export interface SubgraphServerOptions<Context extends SubgraphContext> {
  /** The folder of its SDL below `schema/`. */
  readonly name: string
  readonly resolvers: GraphQLResolverMap<unknown>
  /** From `createPermissions`. */
  readonly permissions: IMiddlewareGenerator<unknown, Context, unknown>
  readonly verifier: AccessTokenVerifier
  readonly logger: Logger
  /** Adds what this subgraph's resolvers need; called once a request, so loaders made here batch within it. */
  readonly createContext: (base: SubgraphContext) => Context
}

export interface SubgraphServer {
  /** Serves POST /graphql below the path it is mounted on. */
  readonly router: Router
  stop(): Promise<void>
}

/**
 * A federated subgraph behind one HTTP route: federation schema, permission rules, verified principal, masked errors.
 * Introspection stays off: the supergraph is composed from files, and explorers ask the gateway.
 */
export async function createSubgraphServer<Context extends SubgraphContext>(
  options: SubgraphServerOptions<Context>,
): Promise<SubgraphServer> {
  const subgraph = buildSubgraphSchema({ typeDefs: loadTypeDefs(options.name), resolvers: options.resolvers })
  checkRepresentations(subgraph)
  const server = new ApolloServer<Context>({
    schema: applyMiddleware(subgraph, options.permissions),
    introspection: false,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    stopOnTerminationSignals: false,
    formatError: createErrorFormatter(options.logger),
    logger: options.logger,
  })
  await server.start()
  const router = express.Router()
  router.use(
    '/graphql',
    expressMiddleware(server, { context: async ({ req }) => options.createContext(await baseContext(req, options)) }),
  )
  return { router, stop: () => server.stop() }
}

async function baseContext(
  req: express.Request,
  { verifier, logger }: { verifier: AccessTokenVerifier; logger: Logger },
): Promise<SubgraphContext> {
  const ids = currentRequestContext()
  try {
    const token = bearerToken(req.headers.authorization)
    return {
      principal: token === null ? null : await verifier.verify(token),
      logger,
      requestId: ids?.requestId ?? '',
      traceId: ids?.traceId ?? '',
      clientAddress: clientAddress(req.ip, req.socket.remoteAddress),
      userAgent: clientUserAgent(req.headers['user-agent']),
    }
  } catch (error) {
    throw error instanceof AppError ? toGraphQLError(error) : error
  }
}

/** Entities are asked for in free form: what names no entity, or has an id that is no text, is refused before a resolver sees it. */
function checkRepresentations(schema: GraphQLSchema): void {
  const [field, union] = [schema.getQueryType()?.getFields()['_entities'], schema.getType('_Entity')]
  const resolve = field?.resolve
  if (field === undefined || resolve === undefined || !isUnionType(union)) return
  const names: ReadonlySet<unknown> = new Set(union.getTypes().map(({ name }) => name))
  const isEntity = (given: { __typename?: unknown; id?: unknown } | null): boolean =>
    names.has(given?.__typename) && ['string', 'undefined'].includes(typeof given?.id)
  field.resolve = (parent, args, context, info) => {
    if (!args.representations.every(isEntity)) throw new AppError('VAL_INVALID_FORMAT')
    return resolve(parent, args, context, info)
  }
}
