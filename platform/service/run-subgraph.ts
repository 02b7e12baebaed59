import { connectEngines, readEnginesConfig, type Environment } from './connect-engines.js'
import { ConfigError } from '../config/read-config.js'
import type { Engines, RunningService } from './engines.js'
import { runService } from './run-service.js'

export interface SubgraphProcess<Config> {
  readonly name: string
  readonly environment: Environment
  readonly readConfig: (environment: Environment) => Config
  readonly open: (config: Config, engines: Engines) => Promise<RunningService>
}

/**
 * A subgraph's whole main.ts: reads both configurations, connects the real engines, opens the service, and at the end
 * closes the service before the engines.
 *
 *   await runSubgraph({ name: 'auth', environment: process.env, readConfig: readAuthConfig, open: openAuthService })
 */
export async function runSubgraph<Config>({
  name,
  environment,
  readConfig,
  open,
}: SubgraphProcess<Config>): Promise<void> {
  await runService(name, async () => {
    const config = readBoth(name, environment, readConfig)
    const engines = await connectEngines(name, environment)
    const service = await open(config, engines).catch(async (error: unknown) => {
      await engines.close()
      throw error
    })
    engines.logger.info({ port: service.port }, `${name} listens`)
    return {
      async close() {
        await service.close()
        await engines.close()
      },
    }
  })
}

/** Reads the service's own variables and the engines', so that the faults of both are told together. */
function readBoth<Config>(
  name: string,
  environment: Environment,
  readConfig: (environment: Environment) => Config,
): Config {
  const faults: string[] = []
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      faults.push(...error.faults)
      return undefined
    }
  }
  const config = collect(() => readConfig(environment))
  collect(() => readEnginesConfig(name, environment))
  if (config === undefined || faults.length > 0) throw new ConfigError(name, faults)
  return config
}
