import { connectNatsBus } from '../platform/bus/nats-bus.js'
import { createLogger } from '../platform/log/logger.js'
import { runService } from '../platform/service/run-service.js'
import { readGatewayConfig } from './config.js'
import { openGateway } from './open-gateway.js'

void runService('the gateway', async () => {
  const config = readGatewayConfig()
  const logger = createLogger({ service: 'gateway', level: config.logLevel })
  const { natsUrl } = config
  if (config.identity === null) logger.warn('tokens are passed on to the subgraphs unverified: set JWKS_URL')
  const bus = natsUrl === null ? null : await connectNatsBus({ url: natsUrl, clientName: 'gateway', logger })
  const gateway = await openGateway(config, { bus, logger }).catch(async (error: unknown) => {
    await bus?.close()
    throw error
  })
  logger.info(
    { port: gateway.port, supergraph: config.supergraphFile, bus: bus?.engine ?? null },
    'the gateway is ready',
  )
  return {
    async close() {
      await gateway.close()
      await bus?.close()
    },
  }
})
