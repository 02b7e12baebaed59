import { runSubgraph } from '../../platform/service/run-subgraph.js'
import { readUserConfig } from './config.js'
import { openUserService } from './service.js'

await runSubgraph({
  name: 'user',
  environment: process.env,
  readConfig: readUserConfig,
  open: (config, engines) => openUserService(config, engines),
})
