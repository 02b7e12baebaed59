import { runSubgraph } from '../../platform/service/run-subgraph.js'
import { readAiConfig } from './config.js'
import { openAiService } from './service.js'

await runSubgraph({
  name: 'ai',
  environment: process.env,
  readConfig: readAiConfig,
  open: openAiService,
})
