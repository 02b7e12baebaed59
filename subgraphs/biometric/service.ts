/**
 * The biometric service. In: its configuration and the engines it runs on. Out: a subgraph that listens, enrols and
 * verifies, and tells every step on the bus. It refuses to start on a database it can't use or without keys to seal with,
 * and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService } from '../../platform/service/open-subgraph-service.js'
import { openSweeper } from '../../platform/service/open-sweeper.js'
import type { BiometricConfig } from './config.js'
import { createBiometricContext } from './context.js'
import { createUseCases } from './create-use-cases.js'
import { writeDefaultPolicies } from './domain/default-policies.js'
import { modalities } from './domain/modalities.js'
import { onConsentChanged } from './events/on-consent-changed.js'
import { onErasureRequested } from './events/on-erasure-requested.js'
import { onExportRequested } from './events/on-export-requested.js'
import { openCallbackWorker } from './open-callbacks.js'
import { openGalleries } from './open-galleries.js'
import { biometricPermissions } from './permissions.js'
import { createBiometricPrisma, createTransact } from './persistence/biometric-prisma.js'
import { createPrismaPolicies } from './persistence/prisma-policies.js'
import { resolvers } from './resolvers/resolvers.js'
import { createMatchPool } from './workers/match-pool.js'
import { withMatchWorkers } from './workers/with-match-workers.js'

const name = 'biometric'

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
      const policies = createPrismaPolicies(prisma, transact)
      const defaultPolicies = await writeDefaultPolicies(policies, config.policy, now())
      const pool = createMatchPool(config.matching)
      shutdown.add('the match workers', () => pool.close())
      const moved = withMatchWorkers(modalities, pool)
      const galleries = openGalleries({
        ...{ prisma, transact, cipher, config, modalities: moved, pool, logger, now },
        ...{ bus: engines.bus, cache: engines.cache },
      })
      shutdown.add('the galleries', () => galleries.close())
      const { expireOverdue, ...parts } = createUseCases({
        ...{ prisma, transact, cipher, config, policies, defaultPolicies, now },
        modalities: moved,
      })
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
      const callbacks = openCallbackWorker({ prisma, transact, cipher, config: config.callbacks, logger, now })
      shutdown.add('the worker of callbacks', () => callbacks.close())
      return {
        resolvers,
        permissions: biometricPermissions,
        createContext: (base) => createBiometricContext(base, { ...parts, galleries }),
      }
    },
  })
}
