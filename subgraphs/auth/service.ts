/**
 * The auth service. In: its configuration and the engines it runs on. Out: a subgraph that listens, the keys that verify its
 * tokens at /.well-known/jwks.json, and `user.registered`, `session.created`, `session.ended` on the bus. It refuses to start
 * without signing keys or on a database it can't use, and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService, type Foundations } from '../../platform/service/open-subgraph-service.js'
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

const resolvers = {
  DateTime: dateTimeScalar,
  Query: query,
  Mutation: mutation,
  User: user,
  Session: session,
  AuthPayload: authPayload,
  LoginResult: loginResult,
}

/** Opens the service; `now` is its only clock. */
export async function openAuthService(
  config: AuthConfig,
  engines: Engines,
  now: () => Date = () => new Date(),
): Promise<RunningService> {
  const keys = await openSigningKeys(config.tokens.signingKeys)
  return openSubgraphService({
    name,
    http: config.http,
    engines,
    async open(foundations) {
      const { useCases, readers } = await openUseCases({
        config,
        keys,
        now,
        cache: engines.cache,
        bus: engines.bus,
        ...foundations,
      })
      return {
        resolvers,
        permissions: authPermissions,
        createContext: (base) => createAuthContext(base, useCases, readers),
        mount: (app) => serveJwks(app, keys.publicSet),
      }
    },
  })
}

interface Parts extends Foundations, Pick<Engines, 'bus' | 'cache'> {
  readonly config: AuthConfig
  readonly keys: SigningKeys
  readonly now: () => Date
}

async function openUseCases({ config, keys, now, bus, cache, database, logger, shutdown }: Parts) {
  const prisma = createAuthPrisma(database)
  shutdown.add('the Prisma client', () => prisma.$disconnect())
  const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
  shutdown.add('the outbox relay', () => relay.close())
  const fallback = createInProcessCache()
  shutdown.add('the fallback cache', () => fallback.close())

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
