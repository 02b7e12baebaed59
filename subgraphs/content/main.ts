import { runSubgraph } from '../../platform/service/run-subgraph.js'
import { readContentConfig } from './config.js'
import { openContentService } from './service.js'

await runSubgraph({
  name: 'content',
  environment: process.env,
  readConfig: readContentConfig,
  open: openContentService,
})
