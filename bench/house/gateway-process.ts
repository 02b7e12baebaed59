/** The gateway alone in a process of its own, for a benchmark: configured by environment, prints its port when ready. */
import { readGatewayConfig } from '../../gateway/config.js'
import { openGateway } from '../../gateway/open-gateway.js'
import { createLogger } from '../../platform/log/logger.js'

const gateway = await openGateway(readGatewayConfig(), {
  bus: null,
  logger: createLogger({ service: 'bench', level: 'error' }),
})
console.log(JSON.stringify({ port: gateway.port }))
process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)))
