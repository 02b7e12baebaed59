/**
 * The auth service. In: its configuration and the engines it runs on. Out: a subgraph that listens, the keys that verify its
 * tokens at /.well-known/jwks.json, and `user.registered`, `session.created`, `session.ended` on the bus. It refuses to start
 * without signing keys or on a database it can't use, and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import { createSubgraphServer } from '../../platform/graphql/subgraph-server.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openHttpService } from '../../platform/service/http-service.js'
import type { AuthConfig } from './config.js'
import { createAuthContext, type AuthReaders, type AuthUseCases } from './context.js'
import { createEndSessions } from './domain/end-sessions.js'
import { createLogIn } from './domain/log-in.js'
import { createOpenSession } from './domain/open-session.js'
import { createRefreshSession } from './domain/refresh-session.js'
import { createRegister } from './domain/register.js'
import { createCachedLoginAttempts } from './guessing/cached-login-attempts.js'
import { openArgon2PasswordHasher } from './passwords/argon2-password-hasher.js'
import { authPermissions } from './permissions.js'
import { createAuthPrisma } from './persistence/auth-prisma.js'
import { createPrismaAccounts } from './persistence/prisma-accounts.js'
import { createPrismaSessionFamilies } from './persistence/prisma-session-families.js'
import { createPrismaSessions } from './persistence/prisma-sessions.js'
import { authPayload, loginResult } from './resolvers/auth-payload.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'
import { session } from './resolvers/session.js'
import { user } from './resolvers/user.js'
import { createAccessTokenSigner } from './tokens/access-token-signer.js'
import { serveJwks } from './tokens/jwks-route.js'
import { createRefreshTokenSecrets } from './tokens/refresh-token-secrets.js'
import { openSigningKeys, type SigningKeys } from './tokens/signing-keys.js'

const name = 'auth'

type CloseLater = (closePart: () => Promise<unknown>) => void

/** Opens the service; `now` is its only clock. */
export async function openAuthService(
  config: AuthConfig,
  engines: Engines,
  now: () => Date = () => new Date(),
): Promise<RunningService> {
  const opened: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closePart of opened.splice(0).reverse()) await closePart()
  }
  try {
    return { name, port: await openParts(config, engines, now, (closePart) => opened.push(closePart)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openParts(config: AuthConfig, engines: Engines, now: () => Date, closeLater: CloseLater) {
  const { bus, cache, verifier } = engines
  const logger = engines.logger.child({ service: name })
  const keys = await openSigningKeys(config.tokens.signingKeys)
  const database = await openDatabase({
    url: engines.databaseUrl,
    schema: name,
    maxConnections: engines.databasePoolSize,
    logger,
  })
  closeLater(() => database.close())
  const { useCases, readers } = await openUseCases({
    config,
    keys,
    now,
    database,
    closeLater,
    engines: { ...engines, logger },
  })
  const subgraph = await createSubgraphServer({
    name,
    resolvers: {
      DateTime: dateTimeScalar,
      Query: query,
      Mutation: mutation,
      User: user,
      Session: session,
      AuthPayload: authPayload,
      LoginResult: loginResult,
    },
    permissions: authPermissions,
    verifier,
    logger,
    createContext: (base) => createAuthContext(base, useCases, readers),
  })
  closeLater(() => subgraph.stop())
  const service = await openHttpService({
    ...config.http,
    name,
    logger,
    checks: {
      database: { check: () => database.check(), whenFailing: 'down' },
      bus: { check: () => bus.check(), whenFailing: 'degraded' },
      cache: { check: () => cache.check(), whenFailing: 'degraded' },
    },
    mount(app) {
      serveJwks(app, keys.publicSet)
      app.use(subgraph.router)
    },
  })
  closeLater(() => service.close())
  return service.port
}

interface Parts {
  readonly config: AuthConfig
  readonly engines: Engines
  readonly keys: SigningKeys
  readonly database: Database
  readonly now: () => Date
  readonly closeLater: CloseLater
}

async function openUseCases({ config, engines, keys, database, now, closeLater }: Parts) {
  const { bus, cache, logger } = engines
  const prisma = createAuthPrisma(database)
  closeLater(() => prisma.$disconnect())
  const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
  closeLater(() => relay.close())
  const fallback = createInProcessCache()
  closeLater(() => fallback.close())

  const accounts = createPrismaAccounts(prisma, relay.wake)
  const sessions = createPrismaSessions(prisma, relay.wake)
  const families = createPrismaSessionFamilies(prisma, relay.wake)
  const hasher = await openArgon2PasswordHasher(config.passwords)
  const attempts = createCachedLoginAttempts({ cache, fallback, logger })
  const secrets = createRefreshTokenSecrets()
  const { accessTokenSeconds: lifetimeSeconds, issuer, audience } = config.tokens
  const accessTokens = createAccessTokenSigner({ issuer, audience, keys, lifetimeSeconds, now })
  const newId = () => crypto.randomUUID()
  const limits = config.sessions
  const openSession = createOpenSession({ newSessions: sessions, secrets, accessTokens, limits, now, newId })
  const useCases: AuthUseCases = {
    register: createRegister({ newAccounts: accounts, hasher, now, newId }),
    logIn: createLogIn({ credentials: accounts, attempts, hasher, openSession }),
    refreshSession: createRefreshSession({ families, secrets, accessTokens, limits, now }),
    endSessions: createEndSessions({ liveSessions: sessions, now }),
    liveSessions: (userId) => sessions.list(userId, now()),
  }
  const readers: AuthReaders = {
    accounts: (ids) => accounts.findMany(ids),
    sessions: (userId, ids) => sessions.findMany(userId, ids, now()),
  }
  return { useCases, readers }
}
