/**
 * The auth service. In: its configuration and the engines it runs on. Out: a subgraph that listens, the keys that verify its
 * tokens at /.well-known/jwks.json, and `user.registered`, `session.created`, `session.ended` on the bus. It refuses to start
 * without signing keys or on a database it can't use, and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService, type Foundations } from '../../platform/service/open-subgraph-service.js'
import type { AuthConfig } from './config.js'
import { createAuthContext, type AuthReaders, type AuthUseCases } from './context.js'
import { createAuditChain } from './audit/audit-chain.js'
import { createRefusalNotes } from './audit/note-refusal.js'
import { createAdministerAccounts } from './domain/administer-accounts.js'
import { createChangePassword } from './domain/change-password.js'
import { createConfirmAddress } from './domain/confirm-address.js'
import { createEndSessions } from './domain/end-sessions.js'
import { createLogIn } from './domain/log-in.js'
import { createOpenSession } from './domain/open-session.js'
import { createRefreshSession } from './domain/refresh-session.js'
import { createRegister } from './domain/register.js'
import { createRequestMail } from './domain/request-mail.js'
import { createResetPassword } from './domain/reset-password.js'
import { createCachedLoginAttempts } from './guessing/cached-login-attempts.js'
import { createFinishSignIn } from './domain/finish-sign-in.js'
import { createManageSecondFactors } from './domain/manage-second-factors.js'
import { createReauthenticate } from './domain/reauthenticate.js'
import { createProveSecondFactor } from './domain/second-factors.js'
import { openSecurityMail } from './mail/open-security-mail.js'
import { openArgon2PasswordHasher } from './passwords/argon2-password-hasher.js'
import { authPermissions } from './permissions.js'
import { createAuthPrisma } from './persistence/auth-prisma.js'
import { createPrismaAccounts } from './persistence/prisma-accounts.js'
import { appointSuperadmins } from './persistence/appoint-superadmins.js'
import { createPrismaAdministration } from './persistence/prisma-administration.js'
import { createPrismaAuditLog } from './persistence/prisma-audit-log.js'
import { createPrismaPasswords } from './persistence/prisma-passwords.js'
import { createPrismaChallenges, createPrismaSecondFactors } from './persistence/prisma-second-factors.js'
import { createPrismaSessionFamilies } from './persistence/prisma-session-families.js'
import { createPrismaSessions } from './persistence/prisma-sessions.js'
import { auditEntry } from './resolvers/audit-entry.js'
import { authPayload, loginResult, mfaChallenge } from './resolvers/auth-payload.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'
import { session } from './resolvers/session.js'
import { user } from './resolvers/user.js'
import { recoveryCodes } from './second-factors/recovery-codes.js'
import { createTotpCodes } from './second-factors/totp-codes.js'
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
  MfaChallenge: mfaChallenge,
  AuditEntry: auditEntry,
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

/** What reaches outside: the database, the cache, mail, the threads that hash. */
async function openAdapters({ config, keys, now, bus, cache, database, logger, shutdown }: Parts) {
  const prisma = createAuthPrisma(database)
  shutdown.add('the Prisma client', () => prisma.$disconnect())
  const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
  shutdown.add('the outbox relay', () => relay.close())
  const fallback = createInProcessCache()
  shutdown.add('the fallback cache', () => fallback.close())

  const tokens = createRefreshTokenSecrets()
  const mail = openSecurityMail({ config: config.mail, prisma, tokens, now, logger, shutdown })
  const committed = () => {
    relay.wake()
    mail.wake()
  }
  const { keys: masterKeys, currentKeyId } = config.masterKeys
  const cipher = createEnvelopeCipher({ masterKeys, currentKeyId })
  const audit = createAuditChain(cipher)
  const refusals = createRefusalNotes(prisma, audit, logger, now)
  shutdown.add('the notes of refusals', () => refusals.close())
  await appointSuperadmins(prisma, audit, config.superadmins, now())
  const { accessTokenSeconds: lifetimeSeconds, issuer, audience } = config.tokens
  return {
    tokens,
    mail,
    noteRefusal: refusals.note,
    accounts: createPrismaAccounts(prisma, audit, committed),
    sessions: createPrismaSessions(prisma, audit, relay.wake),
    families: createPrismaSessionFamilies(prisma, audit, relay.wake),
    passwords: createPrismaPasswords(prisma, audit, { committed, superadmins: config.superadmins }),
    factors: createPrismaSecondFactors(prisma, cipher, audit, committed),
    challenges: createPrismaChallenges(prisma),
    administration: createPrismaAdministration(prisma, audit, committed),
    auditLog: createPrismaAuditLog(prisma, cipher),
    hasher: await openArgon2PasswordHasher(config.passwords),
    attempts: createCachedLoginAttempts({ cache, fallback, logger }),
    accessTokens: createAccessTokenSigner({ issuer, audience, keys, lifetimeSeconds, now }),
    totp: createTotpCodes(issuerName),
  }
}

async function openUseCases(parts: Parts) {
  const { config, now } = parts
  const open = await openAdapters(parts)
  const { accounts, sessions, passwords, mail, tokens, auditLog } = open
  const { sessions: limits, needsConfirmation } = config
  const newId = () => crypto.randomUUID()
  const base = { ...open, secrets: tokens, recoveryCodes, limits, needsConfirmation, now, newId }
  const proveSecondFactor = createProveSecondFactor(base)
  const openSession = createOpenSession({ ...base, newSessions: sessions })
  const finishSignIn = createFinishSignIn({ ...base, proveSecondFactor, openSession })
  const shared = { ...base, proveSecondFactor, finishSignIn, mailRequests: mail.requests }
  const useCases: AuthUseCases = {
    register: createRegister({ ...shared, newAccounts: accounts }),
    logIn: createLogIn({ ...shared, credentials: accounts }),
    confirmAddress: createConfirmAddress({ ...shared, confirmations: passwords }),
    requestMail: createRequestMail(shared),
    resetPassword: createResetPassword({ ...shared, resets: passwords }),
    changePassword: createChangePassword(shared),
    finishSignIn,
    reauthenticate: createReauthenticate({
      ...shared,
      reauthentications: { ownerOf: passwords.ownerOf, note: sessions.note },
    }),
    secondFactors: createManageSecondFactors(shared),
    refreshSession: createRefreshSession(shared),
    endSessions: createEndSessions({ liveSessions: sessions, now }),
    administerAccounts: createAdministerAccounts(shared),
    liveSessions: (userId) => sessions.list(userId, now()),
  }
  const readers: AuthReaders = {
    accounts: (ids) => accounts.findMany(ids),
    sessions: (userId, ids) => sessions.findMany(userId, ids, now()),
    auditLog,
    developmentMails: mail.kept,
  }
  return { useCases, readers }
}

const issuerName = 'Biometrics' // what authenticator apps show codes under
