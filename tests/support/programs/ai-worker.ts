/** A process that runs the ai service on NATS until it is killed: tests kill it. Its one argument says on what, as JSON. */
import { createLocalJWKSet } from 'jose'
import { createInProcessCache } from '../../../platform/cache/in-process-cache.js'
import { createAccessTokenVerifier } from '../../../platform/identity/access-token-verifier.js'
import { createLogger } from '../../../platform/log/logger.js'
import type { AiConfig } from '../../../subgraphs/ai/config.js'
import { openAiService } from '../../../subgraphs/ai/service.js'
import { connectTestBus } from '../nats-namespace.js'

export interface AiWorkerArgument {
  readonly databaseUrl: string
  readonly natsUrl: string
  readonly namespace: string
  readonly config: AiConfig
}

const argument: AiWorkerArgument = JSON.parse(process.argv[2] ?? '')
await openAiService(argument.config, {
  databaseUrl: argument.databaseUrl,
  databasePoolSize: 5,
  bus: await connectTestBus(argument.natsUrl, argument.namespace),
  cache: createInProcessCache(),
  // nobody asks it anything
  verifier: createAccessTokenVerifier({ issuer: '', audience: '', keys: createLocalJWKSet({ keys: [] }) }),
  logger: createLogger({ service: 'worker', level: 'silent' }),
})
