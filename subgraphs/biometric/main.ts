import { connectEngines } from '../../platform/service/connect-engines.js'
import { runService } from '../../platform/service/run-service.js'
import { readBiometricConfig } from './config.js'
import { openBiometricService } from './service.js'

await runService('biometric', async () =>
  openBiometricService(readBiometricConfig(process.env), await connectEngines('biometric', process.env)),
)
