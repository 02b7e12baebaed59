/**
 * The auth service. In: its configuration and the engines it runs on. Out: a subgraph that listens, the keys that verify its
 * tokens at /.well-known/jwks.json, and `user.registered`, `session.created`, `session.ended` on the bus. It refuses to start
 * without signing keys or on a database it can't use, and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import { createDevelopmentMailer } from '../../platform/mail/development-mailer.js'
import { noMailer } from '../../platform/mail/no-mailer.js'
import { createSmtpMailer } from '../../platform/mail/smtp-mailer.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService, type Foundations } from '../../platform/service/open-subgraph-service.js'
import type { AuthConfig } from './config.js'
import { createAuthContext, type AuthReaders, type AuthUseCases } from './context.js'
import { createChangePassword } from './domain/change-password.js'
import { createConfirmAddress } from './domain/confirm-address.js'
import { createEndSessions } from './domain/end-sessions.js'
import { createLogIn } from './domain/log-in.js'
import { createOpenSession } from './domain/open-session.js'
import { createRefreshSession } from './domain/refresh-session.js'
import { createRegister } from './domain/register.js'
import { createRequestMail } from './domain/request-mail.js'
import { createResetPassword } from './domain/reset-password.js'
import { createSendMails } from './domain/send-mails.js'
import { createCachedLoginAttempts } from './guessing/cached-login-attempts.js'
import { createFinishSignIn } from './domain/finish-sign-in.js'
import { createManageSecondFactors } from './domain/manage-second-factors.js'
import { createReauthenticate } from './domain/reauthenticate.js'
import { createProveSecondFactor } from './domain/second-factors.js'
import { openMailWorker } from './mail/open-mail-worker.js'
import { openArgon2PasswordHasher } from './passwords/argon2-password-hasher.js'
import { authPermissions } from './permissions.js'
import type { LinkTokens } from './domain/one-time-links.js'
import { createAuthPrisma, type AuthPrisma } from './persistence/auth-prisma.js'
import { createPrismaAccounts } from './persistence/prisma-accounts.js'
import { createPrismaPasswords } from './persistence/prisma-passwords.js'
import { createPrismaChallenges, createPrismaSecondFactors } from './persistence/prisma-second-factors.js'
import { createPrismaSecurityMails } from './persistence/prisma-security-mails.js'
import { createPrismaSessionFamilies } from './persistence/prisma-session-families.js'
import { createPrismaSessions } from './persistence/prisma-sessions.js'
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

  const secrets = createRefreshTokenSecrets()
  const mail = openMail({ config, now, logger, shutdown, prisma, tokens: secrets })
  const committed = () => {
    relay.wake()
    mail.wake()
  }
  const accounts = createPrismaAccounts(prisma, committed)
  const sessions = createPrismaSessions(prisma, relay.wake)
  const families = createPrismaSessionFamilies(prisma, relay.wake)
  const passwords = createPrismaPasswords(prisma, committed)
  const hasher = await openArgon2PasswordHasher(config.passwords)
  const attempts = createCachedLoginAttempts({ cache, fallback, logger })
  const { accessTokenSeconds: lifetimeSeconds, issuer, audience } = config.tokens
  const accessTokens = createAccessTokenSigner({ issuer, audience, keys, lifetimeSeconds, now })
  const newId = () => crypto.randomUUID()
  const { sessions: limits, needsConfirmation } = config
  const openSession = createOpenSession({ newSessions: sessions, secrets, accessTokens, limits, now, newId })
  const { keys: masterKeys, currentKeyId } = config.masterKeys
  const factors = createPrismaSecondFactors(prisma, createEnvelopeCipher({ masterKeys, currentKeyId }))
  const codes = { totp: createTotpCodes(issuerName), recoveryCodes }
  const proveSecondFactor = createProveSecondFactor({ ...codes, factors, attempts, now })
  const challenges = createPrismaChallenges(prisma)
  const waiting = { factors, challenges, tokens: secrets, proveSecondFactor, openSession, now }
  const finishSignIn = createFinishSignIn(waiting)
  const shared = { attempts, hasher, finishSignIn, tokens: secrets, needsConfirmation, proveSecondFactor, now, newId }
  const useCases: AuthUseCases = {
    register: createRegister({ ...shared, newAccounts: accounts }),
    logIn: createLogIn({ ...shared, credentials: accounts, mailRequests: mail.requests }),
    confirmAddress: createConfirmAddress({ ...shared, confirmations: passwords }),
    requestMail: createRequestMail({ ...shared, mailRequests: mail.requests }),
    resetPassword: createResetPassword({ ...shared, resets: passwords }),
    changePassword: createChangePassword({ ...shared, passwords }),
    finishSignIn,
    reauthenticate: createReauthenticate({
      ...shared,
      accessTokens,
      reauthentications: { ownerOf: passwords.ownerOf, note: sessions.note },
    }),
    secondFactors: createManageSecondFactors({ ...codes, factors, now }),
    refreshSession: createRefreshSession({ families, secrets, accessTokens, limits, now }),
    endSessions: createEndSessions({ liveSessions: sessions, now }),
    liveSessions: (userId) => sessions.list(userId, now()),
  }
  const readers: AuthReaders = {
    accounts: (ids) => accounts.findMany(ids),
    sessions: (userId, ids) => sessions.findMany(userId, ids, now()),
    developmentMails: mail.kept,
  }
  return { useCases, readers }
}

const issuerName = 'Biometrics' // what authenticator apps show codes under

interface MailParts extends Pick<Parts, 'config' | 'now' | 'logger' | 'shutdown'> {
  readonly prisma: AuthPrisma
  readonly tokens: LinkTokens
}

/** Where mails are noted, the worker that sends them, and what it has kept where nothing is sent. */
function openMail({ config: { mail }, now, logger, shutdown, prisma, tokens }: MailParts) {
  const development = mail.keptForDevelopers ? createDevelopmentMailer(logger, now) : null
  const mailer = development ?? (mail.smtpUrl === null ? noMailer : createSmtpMailer({ ...mail, url: mail.smtpUrl }))
  shutdown.add('the mailer', () => mailer.close())
  const mails = createPrismaSecurityMails(prisma, () => worker.wake())
  const sendMails = createSendMails({
    dueMails: mails,
    tokens,
    mailer,
    webUrl: mail.webUrl,
    now,
    onFailure: ({ id, kind, attempt }, isFinal, err) =>
      logger[isFinal ? 'error' : 'warn']({ err, mailId: id, kind, attempt }, 'a mail could not be sent'),
  })
  const worker = openMailWorker({ sendMails, logger })
  shutdown.add('the mail worker', () => worker.close())
  return { requests: mails, wake: worker.wake, kept: development && ((address: string) => development.sentTo(address)) }
}
