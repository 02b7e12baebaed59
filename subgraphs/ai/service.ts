/**
 * The ai service. In: its configuration and the engines it runs on. Out: a subgraph that listens and accepts questions, and
 * the workers that answer them. It refuses to start on a database it can't use, and leaves nothing open when it can't start.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { openDatabase } from '../../platform/database/open-database.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import { createSubgraphServer } from '../../platform/graphql/subgraph-server.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openHttpService } from '../../platform/service/http-service.js'
import type { AiConfig } from './config.js'
import { createAiContext } from './context.js'
import { createAnswerRequest } from './domain/answer-request.js'
import { createAskAi } from './domain/ask-ai.js'
import { createAskModels } from './domain/ask-models.js'
import { createFindLostWork } from './domain/find-lost-work.js'
import { openWorkers } from './events/open-workers.js'
import { aiPermissions } from './permissions.js'
import { createAiPrisma } from './persistence/ai-prisma.js'
import { createPrismaAiHistory } from './persistence/prisma-ai-history.js'
import { createPrismaAiInbox } from './persistence/prisma-ai-inbox.js'
import { createPrismaAiWorkLedger } from './persistence/prisma-ai-work-ledger.js'
import { createPrismaLostWork } from './persistence/prisma-lost-work.js'
import { openProviders } from './providers/open-providers.js'
import { aiRequest } from './resolvers/ai-request.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'

const name = 'ai'
const now = () => new Date()
const newId = () => crypto.randomUUID()

type CloseLater = (closePart: () => Promise<unknown>) => void

export async function openAiService(config: AiConfig, engines: Engines): Promise<RunningService> {
  const opened: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closePart of opened.splice(0).reverse()) await closePart()
  }
  try {
    const logger = engines.logger.child({ service: name })
    const port = await openParts(config, { ...engines, logger }, (closePart) => opened.push(closePart))
    return { name, port, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openParts(config: AiConfig, engines: Engines, closeLater: CloseLater): Promise<number> {
  const { bus, logger } = engines
  const database = await openDatabase({
    url: engines.databaseUrl,
    schema: name,
    maxConnections: engines.databasePoolSize,
    logger,
  })
  closeLater(() => database.close())
  const prisma = createAiPrisma(database)
  closeLater(() => prisma.$disconnect())
  const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
  closeLater(() => relay.close())
  const { models, providers, close } = openProviders(config)
  closeLater(close)

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
  closeLater(() => workers.close())

  const askAi = createAskAi({ inbox: createPrismaAiInbox(stored), models, now, newId })
  const history = createPrismaAiHistory(prisma)
  const subgraph = await createSubgraphServer({
    name,
    resolvers: { DateTime: dateTimeScalar, Query: query, Mutation: mutation, AiRequest: aiRequest },
    permissions: aiPermissions,
    verifier: engines.verifier,
    logger,
    createContext: (base) => createAiContext(base, { askAi, history, models }),
  })
  closeLater(() => subgraph.stop())
  const service = await openHttpService({
    ...config.http,
    name,
    logger,
    checks: {
      database: { check: () => database.check(), whenFailing: 'down' },
      bus: { check: () => bus.check(), whenFailing: 'degraded' },
      cache: { check: () => engines.cache.check(), whenFailing: 'degraded' },
    },
    mount: (app) => app.use(subgraph.router),
  })
  closeLater(() => service.close())
  return service.port
}
