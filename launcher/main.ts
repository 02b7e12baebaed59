import { createLogger, type Logger } from '../platform/log/logger.js'
import { runService } from '../platform/service/run-service.js'
import { describeHouse } from './describe-house.js'
import { isRunByNpm, readLauncherConfig, type LauncherConfig } from './config.js'
import { startHouse } from './start-house.js'

await runService(
  'biometrics',
  async () => {
    const config = readLauncherConfig()
    const house = await startHouse(config, await createHouseLogger(config))
    console.log(describeHouse(house, performance.now()))
    return {
      async close() {
        console.log('\nStopping ...')
        await house.close()
        console.log('Everything has stopped, the database too.')
      },
    }
  },
  { endsWithParent: isRunByNpm() },
)

/** JSON in production, a short line for a person in development. */
async function createHouseLogger({ development, logLevel }: LauncherConfig): Promise<Logger> {
  const options = { service: 'house', level: logLevel }
  if (!development) return createLogger(options)
  const { build } = await import('pino-pretty')
  const destination = build({
    colorize: process.stdout.isTTY,
    ignore: 'service,requestId,traceId',
    messageFormat: '{service}: {message}',
    messageKey: 'message',
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
  })
  return createLogger({ ...options, destination })
}
