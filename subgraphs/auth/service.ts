/**
 * The auth service. In: its configuration and the engines it runs on. Out: a subgraph that listens, the keys that verify its
 * tokens at /.well-known/jwks.json, and `user.registered`, `session.created`, `session.ended` on the bus. It refuses to start
 * on a database it can't use, and leaves nothing open when it can't start.
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
import { createNoteRefusal } from './audit/note-refusal.js'
import { createAdministerAccounts } from './domain/administer-accounts.js'
import { createChangePassword } from './domain/change-password.js'
import { createConfirmAddress } from './domain/confirm-address.js'
import { createEndSessions } from './domain/end-sessions.js'
import { createIssueServiceToken } from './domain/issue-service-token.js'
import { createLoginHistory } from './domain/login-history.js'
import { createLogIn } from './domain/log-in.js'
import { createOpenSession } from './domain/open-session.js'
import { createRefreshSession } from './domain/refresh-session.js'
import { createRegister } from './domain/register.js'
import { createRegisterByPhone } from './domain/register-by-phone.js'
import { createRequestMail } from './domain/request-mail.js'
import { createResetByPhone } from './domain/reset-by-phone.js'
import { createResetPassword } from './domain/reset-password.js'
import { onErasureRequested } from './events/on-erasure-requested.js'
import { onBiometricAdministered } from './events/on-biometric-administered.js'
import { onProfileAdministered } from './events/on-profile-administered.js'
import { openExportConsumers } from './events/on-export-requested.js'
import { announceAccounts, announceOlderAccounts } from './events/announce-accounts.js'
import { createAfterwards } from './guessing/afterwards.js'
import { openCounters } from './guessing/open-counters.js'
import { createFinishSignIn } from './domain/finish-sign-in.js'
import { createManageSecondFactors } from './domain/manage-second-factors.js'
import { createManageServiceClients } from './domain/manage-service-clients.js'
import { createReauthenticate } from './domain/reauthenticate.js'
import { createProveSecondFactor } from './domain/second-factors.js'
import { openSecurityMail } from './mail/open-security-mail.js'
import { openArgon2PasswordHasher } from './passwords/argon2-password-hasher.js'
import { createManagePhone } from './domain/manage-phone.js'
import { openPhones } from './phones/open-phones.js'
import { openPasskeys } from './passkeys/open-passkeys.js'
import { authPermissions } from './permissions.js'
import { createAuthPrisma } from './persistence/auth-prisma.js'
import { createPrismaAccounts } from './persistence/prisma-accounts.js'
import { forgetOld } from './persistence/forget-old.js'
import { openForgetting } from './persistence/open-forgetting.js'
import { appointSuperadmins } from './persistence/appoint-superadmins.js'
import { createPrismaAdministration } from './persistence/prisma-administration.js'
import { createPrismaAuditLog } from './persistence/prisma-audit-log.js'
import { createPrismaPasskeyChallenges, createPrismaPasskeys } from './persistence/prisma-passkeys.js'
import { createPrismaPasswords } from './persistence/prisma-passwords.js'
import { createPrismaChallenges, createPrismaSecondFactors } from './persistence/prisma-second-factors.js'
import { createPrismaServiceClients } from './persistence/prisma-service-clients.js'
import { createPrismaSessionFamilies } from './persistence/prisma-session-families.js'
import { createPrismaSigningKeys } from './persistence/prisma-signing-keys.js'
import { createPrismaSessions } from './persistence/prisma-sessions.js'
import { auditEntry } from './resolvers/audit-entry.js'
import { authPayload, loginResult, mfaChallenge } from './resolvers/auth-payload.js'
import { mutation } from './resolvers/mutation.js'
import { passkey } from './resolvers/passkey.js'
import { query } from './resolvers/query.js'
import { session } from './resolvers/session.js'
import { user } from './resolvers/user.js'
import type { OpenWays } from './persistence/ways-in.js'
import { openProviders } from './providers/open-providers.js'
import { isSameIssuer } from './providers/openid-provider.js'
import { recoveryCodes } from './second-factors/recovery-codes.js'
import { createTotpCodes } from './second-factors/totp-codes.js'
import { createAccessTokenSigner } from './tokens/access-token-signer.js'
import { serveJwks } from './tokens/jwks-route.js'
import { createRefreshTokenSecrets } from './tokens/refresh-token-secrets.js'
import { openKeyRing } from './tokens/key-ring.js'
import { keyTimes } from './tokens/key-schedule.js'

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
  Passkey: passkey,
  AuditEntry: auditEntry,
}

/** Opens the service; `now` is its only clock. */
export async function openAuthService(
  config: AuthConfig,
  engines: Engines,
  now: () => Date = () => new Date(),
): Promise<RunningService> {
  return openSubgraphService({
    name,
    http: config.http,
    engines,
    async open(foundations) {
      const { useCases, readers, keys } = await openUseCases({
        config,
        now,
        tokenEnds: engines.tokenEnds,
        cache: engines.cache,
        bus: engines.bus,
        ...foundations,
      })
      return {
        resolvers,
        permissions: authPermissions,
        createContext: (base) => createAuthContext(base, useCases, readers),
        mount: (app) => serveJwks(app, keys),
      }
    },
  })
}

interface Parts extends Foundations, Pick<Engines, 'bus' | 'cache'> {
  readonly config: AuthConfig
  readonly tokenEnds: Engines['tokenEnds']
  readonly now: () => Date
}

/** What reaches outside: the database, the cache, mail, the threads that hash. */
async function openAdapters({ config, now, bus, cache, tokenEnds, database, logger, shutdown }: Parts) {
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
  const cipher = cipherOf(config)
  const keys = await openKeyRing({
    store: createPrismaSigningKeys(prisma, cipher, relay.wake),
    schedule: { ...keyTimes, rotateAfterMs: config.tokens.keyRotationMs },
    configured: config.tokens.signingKeys,
    ...{ now, logger, tokenEnds },
  })
  shutdown.add('the signing keys', () => keys.close())
  const openWays = openWaysOf(config)
  const audit = announceAccounts(createAuditChain(cipher))
  const afterwards = createAfterwards({ logger })
  shutdown.add('what is done after answers', () => afterwards.close())
  for (const open of [onErasureRequested, onProfileAdministered, onBiometricAdministered, openExportConsumers]) {
    const consumer = await open({ bus, logger, prisma, audit, committed, now })
    shutdown.add('a consumer', () => consumer.close())
  }
  const forgetting = openForgetting(() => forgetOld(prisma, now()), logger)
  shutdown.add('the forgetting of what is old', () => forgetting.close())
  await appointSuperadmins(prisma, audit, config.superadmins, now())
  await announceOlderAccounts(prisma, now())
  const { accessTokenSeconds: lifetimeSeconds, issuer, audience } = config.tokens
  return {
    tokens,
    keys,
    mail,
    afterwards,
    noteRefusal: createNoteRefusal(prisma, audit, afterwards, now),
    ...openPhones({ config, outbox: mail.outbox, afterwards, prisma, audit, committed, now, logger, shutdown }),
    adapters: { prisma, audit, cipher, openWays, committed },
    accounts: createPrismaAccounts(prisma, audit, committed),
    sessions: createPrismaSessions(prisma, audit, relay.wake),
    families: createPrismaSessionFamilies(prisma, audit, relay.wake),
    passwords: createPrismaPasswords(prisma, audit, { committed, superadmins: config.superadmins }),
    factors: createPrismaSecondFactors(prisma, cipher, audit, committed),
    challenges: createPrismaChallenges(prisma),
    passkeys: createPrismaPasskeys(prisma, audit, openWays, committed),
    passkeyChallenges: createPrismaPasskeyChallenges(prisma, now),
    administration: createPrismaAdministration(prisma, audit, committed),
    auditLog: createPrismaAuditLog(prisma, cipher),
    hasher: await openArgon2PasswordHasher(config.passwords),
    ...openCounters({ cache, fallback, logger }),
    serviceClients: createPrismaServiceClients(prisma, audit, relay.wake),
    accessTokens: createAccessTokenSigner({ issuer, audience, keys, lifetimeSeconds, now }),
    totp: createTotpCodes(issuerName),
  }
}

function cipherOf({ masterKeys: { keys: masterKeys, currentKeyId } }: AuthConfig) {
  return createEnvelopeCipher({ masterKeys, currentKeyId })
}

function openWaysOf({ passkeys, providers }: AuthConfig): OpenWays {
  return {
    takesPasskeys: passkeys !== null,
    takesIssuer: (known) => providers.some(({ issuer }) => isSameIssuer(issuer, known)),
  }
}

async function openUseCases(parts: Parts) {
  const { config, now } = parts
  const open = await openAdapters(parts)
  const { accounts, sessions, passwords, mail, tokens, auditLog } = open
  const { sessions: limits, needsConfirmation, superadmins, providers: settings } = config
  const newId = () => crypto.randomUUID()
  const base = { ...open, secrets: tokens, recoveryCodes, limits, needsConfirmation, now, newId }
  const proveSecondFactor = createProveSecondFactor(base)
  const openSession = createOpenSession({ ...base, newSessions: sessions })
  const finishSignIn = createFinishSignIn({
    ...base,
    proveSecondFactor,
    openSession,
    takesPasskeys: config.passkeys !== null,
  })
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
    phone: createManagePhone(shared),
    byPhone: {
      register: createRegisterByPhone({ ...shared, openSession }),
      reset: createResetByPhone(shared),
    },
    passkeys: openPasskeys({
      ...shared,
      openSession,
      settings: config.passkeys,
      relyingPartyName: issuerName,
      reauthentications: sessions,
      logger: parts.logger,
    }),
    refreshSession: createRefreshSession(shared),
    endSessions: createEndSessions({ liveSessions: sessions, now }),
    administerAccounts: createAdministerAccounts(shared),
    serviceClients: createManageServiceClients(shared),
    providers: openProviders({ ...shared, settings, superadmins, logger: parts.logger }),
    issueServiceToken: createIssueServiceToken({ ...shared, secretUses: open.serviceClients }),
    loginHistory: createLoginHistory({ auditLog, now }),
    liveSessions: (userId) => sessions.list(userId, now()),
  }
  const readers: AuthReaders = {
    accounts: (ids) => accounts.findMany(ids),
    sessions: (userId, ids) => sessions.findMany(userId, ids, now()),
    auditLog,
    developmentMails: mail.outbox && mail.outbox.sentTo,
  }
  return { useCases, readers, keys: open.keys }
}

const issuerName = 'Biometrics' // what authenticator apps and passkeys are shown under
