/**
 * The biometric service. In: its configuration and the engines it runs on. Out: a subgraph that listens, enrols and
 * verifies, and tells every step on the bus. It refuses to start on a database it can't use or without keys to seal with,
 * and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createEnvelopeCipher, type EnvelopeCipher } from '../../platform/crypto/envelope.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService } from '../../platform/service/open-subgraph-service.js'
import { openSweeper } from '../../platform/service/open-sweeper.js'
import type { BiometricConfig } from './config.js'
import { createBiometricContext, type BiometricReaders, type BiometricUseCases } from './context.js'
import { createCancelVerification } from './domain/cancel-verification.js'
import { createEnrollBiometric } from './domain/enroll-biometric.js'
import { createExpireOverdue } from './domain/expire-overdue.js'
import { modalities } from './domain/modalities.js'
import { createReadVerifications } from './domain/read-verifications.js'
import { createDeactivateBiometric, createDeleteBiometric } from './domain/retire-biometric.js'
import { createStartVerification } from './domain/start-verification.js'
import { createSubmitFrame } from './domain/submit-frame.js'
import { onConsentChanged } from './events/on-consent-changed.js'
import { onErasureRequested } from './events/on-erasure-requested.js'
import { onExportRequested } from './events/on-export-requested.js'
import { biometricPermissions } from './permissions.js'
import {
  createBiometricPrisma,
  createTransact,
  type BiometricPrisma,
  type Transact,
} from './persistence/biometric-prisma.js'
import { createPersonKeys } from './persistence/person-keys.js'
import { hasConsent } from './persistence/prisma-consents.js'
import { createPrismaFrames } from './persistence/prisma-frames.js'
import { createPrismaRecords } from './persistence/prisma-records.js'
import { createPrismaTemplates } from './persistence/prisma-templates.js'
import { createPrismaVerifications } from './persistence/prisma-verifications.js'
import { createProbeDigests } from './persistence/probe-digests.js'
import { createProbeSketches } from './persistence/probe-sketches.js'
import { biometricRecord } from './resolvers/biometric-record.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'
import { user } from './resolvers/user.js'
import { verificationSession } from './resolvers/verification-session.js'

const name = 'biometric'

const resolvers = {
  DateTime: dateTimeScalar,
  Query: query,
  Mutation: mutation,
  User: user,
  BiometricRecord: biometricRecord,
  VerificationSession: verificationSession,
}

export interface BiometricServiceOptions {
  /** The clock every time and every deadline comes from; the machine's unless given. */
  readonly now?: () => Date
}

export function openBiometricService(
  config: BiometricConfig,
  engines: Engines,
  { now = () => new Date() }: BiometricServiceOptions = {},
): Promise<RunningService> {
  const { keys: masterKeys, currentKeyId } = config.masterKeys
  const cipher = createEnvelopeCipher({ masterKeys, currentKeyId })
  return openSubgraphService({
    name,
    http: config.http,
    engines,
    async open({ database, logger, shutdown }) {
      const prisma = createBiometricPrisma(database)
      shutdown.add('the Prisma client', () => prisma.$disconnect())
      const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus: engines.bus, logger })
      shutdown.add('the outbox relay', () => relay.close())
      const transact = createTransact(prisma, relay.wake)
      const erasures = await onErasureRequested({ bus: engines.bus, logger, transact, now })
      shutdown.add('the consumer of erasures', () => erasures.close())
      const exports = await onExportRequested({ bus: engines.bus, logger, transact, now })
      shutdown.add('the consumer of exports', () => exports.close())
      const consents = await onConsentChanged({ bus: engines.bus, logger, transact })
      shutdown.add('the consumer of consents', () => consents.close())
      const { expireOverdue, ...parts } = createUseCases({ prisma, transact, cipher, config, now })
      const sweeper = openSweeper({
        async sweep() {
          const expired = await expireOverdue()
          if (expired > 0) logger.info({ expired }, 'verifications ran out of time')
        },
        everyMs: config.sweepEveryMs,
        logger,
        failure: 'overdue verifications could not be ended just now',
      })
      shutdown.add('the sweeper', () => sweeper.close())
      return {
        resolvers,
        permissions: biometricPermissions,
        createContext: (base) => createBiometricContext(base, parts),
      }
    },
  })
}

interface UseCaseParts {
  readonly prisma: BiometricPrisma
  readonly transact: Transact
  readonly cipher: EnvelopeCipher
  readonly config: BiometricConfig
  readonly now: () => Date
}

interface Joined {
  readonly useCases: BiometricUseCases
  readonly readers: BiometricReaders
  readonly expireOverdue: () => Promise<number>
}

/** Joins the rules of domain/ with what persistence/ gives them. */
function createUseCases({ prisma, transact, cipher, config: { masterKeys, policy }, now }: UseCaseParts): Joined {
  const keys = { masterKeys: masterKeys.keys, currentKeyId: masterKeys.currentKeyId }
  const digests = createProbeDigests(keys)
  const sketches = createProbeSketches(keys)
  const personKeys = createPersonKeys(cipher)
  const records = createPrismaRecords({ prisma, transact, personKeys, digests })
  const verifications = createPrismaVerifications(prisma, transact)
  const read = createReadVerifications({ verifications, now })
  return {
    useCases: {
      enroll: createEnrollBiometric({ records, modalities, policy, now }),
      deactivate: createDeactivateBiometric({ records, now }),
      remove: createDeleteBiometric({ records, now }),
      start: createStartVerification({ verifications, policy, now }),
      submit: createSubmitFrame({
        verifications: createPrismaFrames(transact, { digests, sketches }),
        templates: createPrismaTemplates(prisma, cipher, personKeys),
        findRecord: async (id, userId) => (await records.find([id], userId))[0] ?? null,
        read,
        modalities,
        policy,
        now,
      }),
      cancel: createCancelVerification({ verifications, read, now }),
    },
    readers: {
      records: records.find,
      sessions: read,
      recordPage: records.page,
      hasConsent: (userId) => hasConsent(prisma, userId),
    },
    expireOverdue: createExpireOverdue({ verifications, now }),
  }
}
