import { runSubgraph } from '../../platform/service/run-subgraph.js'
import { readBiometricConfig } from './config.js'
import { openBiometricService } from './service.js'

await runSubgraph({
  name: 'biometric',
  environment: process.env,
  readConfig: readBiometricConfig,
  open: openBiometricService,
})
