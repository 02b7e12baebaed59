/**
 * The ai service. In: its configuration and the engines it runs on. Out: a subgraph that listens and accepts questions, and
 * the workers that answer them. It refuses to start on a database it can't use, and leaves nothing open when it can't start.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService } from '../../platform/service/open-subgraph-service.js'
import type { AiConfig } from './config.js'
import { createAiContext } from './context.js'
import { createAnswerRequest } from './domain/answer-request.js'
import { createAskAi } from './domain/ask-ai.js'
import { createAskModels } from './domain/ask-models.js'
import { createFindLostWork } from './domain/find-lost-work.js'
import { onConsentChanged } from './events/on-consent-changed.js'
import { onErasureRequested } from './events/on-erasure-requested.js'
import { onExportRequested } from './events/on-export-requested.js'
import { openWorkers } from './events/open-workers.js'
import { aiPermissions } from './permissions.js'
import { createAiPrisma } from './persistence/ai-prisma.js'
import { createPrismaAiHistory } from './persistence/prisma-ai-history.js'
import { createPrismaAiInbox } from './persistence/prisma-ai-inbox.js'
import { createPrismaAiWorkLedger } from './persistence/prisma-ai-work-ledger.js'
import { hasConsent } from './persistence/prisma-consents.js'
import { createPrismaLostWork } from './persistence/prisma-lost-work.js'
import { openProviders } from './providers/open-providers.js'
import { aiRequest } from './resolvers/ai-request.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'

const name = 'ai'
const now = () => new Date()
const newId = () => crypto.randomUUID()

export function openAiService(config: AiConfig, engines: Engines): Promise<RunningService> {
  const { bus } = engines
  return openSubgraphService({
    name,
    http: config.http,
    engines,
    async open({ database, logger, shutdown }) {
      const prisma = createAiPrisma(database)
      shutdown.add('the Prisma client', () => prisma.$disconnect())
      const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
      shutdown.add('the outbox relay', () => relay.close())
      const { models, providers, close } = openProviders(config)
      shutdown.add('the providers', close)
      const erasures = await onErasureRequested({ bus, logger, prisma, wakeRelay: relay.wake, now })
      shutdown.add('the consumer of erasures', () => erasures.close())
      const exports = await onExportRequested({ bus, logger, prisma, wakeRelay: relay.wake, now })
      shutdown.add('the consumer of exports', () => exports.close())
      const consents = await onConsentChanged({ bus, logger, prisma, wakeRelay: relay.wake })
      shutdown.add('the consumer of consents', () => consents.close())
      const stored = { prisma, wakeRelay: relay.wake, now }
      const workers = await openWorkers({
        ...config.workers,
        bus,
        logger,
        answerRequest: createAnswerRequest({
          ledger: createPrismaAiWorkLedger(stored),
          askModels: createAskModels({ models, providers, now }),
          newId,
          leaseMs: config.workers.leaseMs,
          log: logger,
          pause: (ms, signal) => delay(ms, undefined, { signal }),
        }),
        findLostWork: createFindLostWork({ finder: createPrismaLostWork(stored), now }),
      })
      shutdown.add('the workers', () => workers.close())
      const askAi = createAskAi({ inbox: createPrismaAiInbox(stored), models, now, newId })
      const history = createPrismaAiHistory(prisma)
      return {
        resolvers: { DateTime: dateTimeScalar, Query: query, Mutation: mutation, AiRequest: aiRequest },
        permissions: aiPermissions,
        createContext: (base) =>
          createAiContext(base, {
            ...{ askAi, history, models },
            hasConsent: (userId) => hasConsent(prisma, userId),
          }),
      }
    },
  })
}
