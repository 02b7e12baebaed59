import { runSubgraph } from '../../platform/service/run-subgraph.js'
import { readAuthConfig } from './config.js'
import { openAuthService } from './service.js'

await runSubgraph({
  name: 'auth',
  environment: process.env,
  readConfig: readAuthConfig,
  open: (config, engines) => openAuthService(config, engines),
})
