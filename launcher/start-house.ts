/**
 * The composition root of the whole house in one process. In: the launcher's configuration. Out: five subgraphs, the
 * gateway and in development the page, listening, on engines that are real or embedded. It refuses to stand half: when one part can't start,
 * everything that had started is stopped again.
 */
import { readGatewayConfig, type GatewayConfig } from '../gateway/config.js'
import { openGateway } from '../gateway/open-gateway.js'
import { ConfigError } from '../platform/config/read-config.js'
import { tokenEndsText } from '../platform/identity/token-end-source.js'
import type { Logger } from '../platform/log/logger.js'
import type { Engines, RunningService } from '../platform/service/engines.js'
import { freePort } from '../platform/service/free-port.js'
import { readAiConfig } from '../subgraphs/ai/config.js'
import { openAiService } from '../subgraphs/ai/service.js'
import { readAuthConfig } from '../subgraphs/auth/config.js'
import { openAuthService } from '../subgraphs/auth/service.js'
import { readBiometricConfig } from '../subgraphs/biometric/config.js'
import { openBiometricService } from '../subgraphs/biometric/service.js'
import { readContentConfig } from '../subgraphs/content/config.js'
import { openContentService } from '../subgraphs/content/service.js'
import { readUserConfig } from '../subgraphs/user/config.js'
import { openUserService } from '../subgraphs/user/service.js'
import { serviceNames, type Environment, type LauncherConfig } from './config.js'
import { openDevelopmentSecrets } from './development-secrets.js'
import { openEngines, type HouseEngines } from './open-engines.js'
import { openWebPage } from './web-page.js'
import { createShutdown, type Shutdown } from '../platform/service/shutdown.js'

export interface House {
  readonly ports: LauncherConfig['ports']
  readonly engines: HouseEngines['described']
  /** Where the page is; null in production, where frontends are served elsewhere. */
  readonly page: string | null
  /** The gateway first, the database last. */
  close(): Promise<void>
}

type Ports = LauncherConfig['ports']

/** Throws StartupError, ConfigError or PortTakenError; nothing is left running then. */
export async function startHouse(config: LauncherConfig, logger: Logger): Promise<House> {
  const shutdown = createShutdown(logger)
  try {
    const ports = await choosePorts(config.ports)
    const environment = await environmentOf(config, ports)
    const configured = configure(environment)
    const engines = await openEngines(config, ports.auth, logger, shutdown)
    await openAll(configured.services, engines, shutdown)
    const { bus, verifier, tokenEnds } = engines
    const gateway = await openGateway(configured.gateway, {
      bus,
      verifier,
      tokenEnds,
      logger: logger.child({ service: 'gateway' }),
    })
    shutdown.add('the gateway', () => gateway.close())
    const page = config.development ? await openPage(ports.web, gateway.port, shutdown) : null
    return { ports: { ...ports, gateway: gateway.port }, engines: engines.described, page, close: () => shutdown.run() }
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

async function openPage(port: number, gatewayPort: number, shutdown: Shutdown): Promise<string> {
  const graphqlUrl = `http://localhost:${gatewayPort}/graphql`
  const page = await openWebPage({ host: '127.0.0.1', port, graphqlUrl })
  shutdown.add('the page', () => page.close())
  return pageAt(page.port)
}

/** Browsers allow passkeys without https on `localhost` alone. */
function pageAt(port: number): string {
  return `http://localhost:${port}`
}

type Opener = (engines: Engines) => Promise<RunningService>

/** Every configuration is read before anything is opened, and the faults of all are told together. */
function configure(environment: Environment): {
  readonly services: readonly Opener[]
  readonly gateway: GatewayConfig
} {
  const faults = new Set<string>()
  const reading = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const fault of error.faults) faults.add(fault)
      return undefined
    }
  }
  const service = <Config>(
    read: (environment: Environment) => Config,
    open: (config: Config, engines: Engines) => Promise<RunningService>,
  ): Opener | undefined =>
    reading(() => {
      const config = read(environment)
      return (engines) => open(config, engines)
    })
  const services = [
    service(readAuthConfig, openAuthService),
    service(readUserConfig, openUserService),
    service(readContentConfig, openContentService),
    service(readAiConfig, openAiService),
    service(readBiometricConfig, openBiometricService),
  ].filter((opener) => opener !== undefined)
  const gateway = reading(() => readGatewayConfig(environment, []))
  if (gateway === undefined || faults.size > 0) throw new ConfigError('the house', [...faults])
  return { services, gateway }
}

/** All at once; when one fails the others are awaited first, so that none opens after everything was closed. */
async function openAll(services: readonly Opener[], engines: Engines, shutdown: Shutdown): Promise<void> {
  const opened = await Promise.allSettled(services.map((open) => open(engines)))
  for (const result of opened) {
    if (result.status === 'fulfilled') shutdown.add(result.value.name, () => result.value.close())
  }
  const failed = opened.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** What the services read: the environment as it came, and for what it leaves open the ways of one process. */
async function environmentOf(config: LauncherConfig, ports: Ports): Promise<Environment> {
  const secrets = config.development ? await openDevelopmentSecrets(config.dataFolder) : {}
  const hosts = Object.fromEntries(
    ['gateway', ...serviceNames].map((name) => [`${name.toUpperCase()}_HOST`, '127.0.0.1']),
  )
  const urls = serviceNames.map((name) => `${name}=http://127.0.0.1:${ports[name]}/graphql`)
  return {
    ...hosts,
    ...secrets,
    ...(config.development && forPage(pageAt(ports.web))),
    ...(config.development && !config.environment['SMTP_URL'] && { AUTH_DEVELOPMENT_MAILS: 'true' }),
    GATEWAY_SUBGRAPH_URLS: urls.join(),
    GATEWAY_ACR_LEVELS: 'aal1,aal2',
    GATEWAY_DOWNLOADS: '/exports/=user',
    USER_DOWNLOAD_URL: `http://localhost:${ports.gateway}/exports/`,
    ...withoutEmpty(config.environment),
    TOKEN_ISSUER: config.tokens.issuer,
    TOKEN_AUDIENCE: config.tokens.audience,
    TOKEN_ENDS: tokenEndsText(config.tokenEnds),
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name.toUpperCase()}_PORT`, String(port)])),
  }
}

/** What lets the page in: at the gateway, with passkeys, and from links in mails. */
function forPage(origin: string): Environment {
  return { GATEWAY_CORS_ORIGINS: origin, AUTH_PASSKEY_ORIGINS: origin, AUTH_WEB_URL: origin }
}

/** An empty variable counts as unset, and must not hide what stands in for it. */
function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
}

/** Services name each other's ports before they listen, and links the gateway's, so a port left open is chosen here. */
async function choosePorts(wanted: Ports): Promise<Ports> {
  const chosen: Record<keyof Ports, number> = { ...wanted }
  for (const name of ['gateway', ...serviceNames, 'web'] as const) chosen[name] ||= await freePort()
  return chosen
}
