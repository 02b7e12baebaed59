/**
 * The product as docker-compose.yml runs it, without Docker: the same six programs with the same environment, on a NATS, a
 * Redis and a database of their own. In: nothing. Out: the gateway's address, and processes to kill and to start again.
 * It changes of the file only where things are: addresses become loopback's, ports free ones. It starts nothing when the
 * secrets that `npm run env:new` makes don't fit the file.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { demoProviders } from '../../demo/own-house.js'
import { freePort } from '../../platform/service/free-port.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { readComposeFile, type ComposeFile, type ComposeService } from './compose-file.js'
import { createEmptyDatabase } from './create-test-database.js'
import { makeEnv } from './make-env.js'
import { startOpenAiServer } from './openai-server.js'
import { createProgram, type Program } from './program.js'
import { startNats, startRedis, type PrivateServer } from './private-servers.js'
import { processNames, type ProcessName } from './process-variables.js'

export interface Processes {
  /** The gateway, `http://127.0.0.1:<port>/graphql`. */
  readonly url: string
  readonly keySetUrl: string
  /** With credentials: to listen to what the processes tell each other. */
  readonly natsUrl: string
  readonly ports: Readonly<Record<ProcessName, number>>
  /** SIGKILL: no goodbye. */
  kill(name: ProcessName): Promise<void>
  /** Starts what was killed, in the same place, and waits until it is healthy. */
  restart(name: ProcessName): Promise<void>
  /** What the container's health check says now. */
  isHealthy(name: ProcessName): Promise<boolean>
  /** What all of them have written to standard output and error. */
  written(): string
  /** Ends all as Docker does. Throws when one did not leave in order. */
  close(): Promise<void>
}

export interface StartProcessesOptions {
  /** Where dist/ and what stands beside it are; this project unless given. */
  readonly folder?: string
}

export async function startProcesses({ folder = projectRoot }: StartProcessesOptions = {}): Promise<Processes> {
  await promisify(execFile)(process.execPath, ['scripts/make-ready.mjs'], { cwd: projectRoot })
  const opened: (() => Promise<void>)[] = []
  const close = () => closeAll(opened)
  try {
    return { ...(await startAll(folder, (closePart) => opened.push(closePart))), close }
  } catch (error) {
    await close().catch(() => undefined) // the first fault is the one to tell
    throw error
  }
}

async function startAll(
  folder: string,
  closeLater: (closePart: () => Promise<void>) => void,
): Promise<Omit<Processes, 'close'>> {
  const database = await createEmptyDatabase()
  closeLater(() => database.drop())
  const ai = await startOpenAiServer()
  closeLater(() => ai.close())
  const { variables } = await makeEnv()
  const file = readComposeFile({
    ...variables,
    AI_PROVIDERS: demoProviders(ai.baseUrl),
    DATABASE_POOL_SIZE: '5', // other tests use the same server
    LOG_LEVEL: 'trace',
  })
  const nats = await startNats(optionsOf(file, 'nats', ['--user', '--pass']))
  closeLater(() => nats.close())
  const redis = await startRedis(optionsOf(file, 'redis', ['--requirepass']))
  closeLater(() => redis.close())

  const ports = await choosePorts()
  const move = mover(file, { ...ports, nats: portOf(nats), redis: portOf(redis) })
  const environmentOf = (name: ProcessName) => withDatabase(move(name), database.url)
  const programs = {} as Record<ProcessName, Program>
  for (const name of processNames) {
    const { command } = serviceOf(file, name)
    programs[name] = createProgram({ name, folder, command, environment: environmentOf(name), port: ports[name] })
    closeLater(() => programs[name].stop())
  }
  await startInOrder(file, programs)
  return {
    url: `http://127.0.0.1:${ports.gateway}/graphql`,
    keySetUrl: `http://127.0.0.1:${ports.auth}/.well-known/jwks.json`,
    natsUrl: environmentOf('gateway')['NATS_URL'] ?? '',
    ports,
    kill: (name) => programs[name].kill(),
    restart: (name) => programs[name].start(),
    isHealthy: (name) => programs[name].isHealthy(),
    written: () => processNames.map((name) => programs[name].written()).join(''),
  }
}

/** Each after those that `depends_on` says it waits for. */
async function startInOrder(file: ComposeFile, programs: Readonly<Record<ProcessName, Program>>): Promise<void> {
  const started = new Map<ProcessName, Promise<void>>()
  const start = (name: ProcessName): Promise<void> => {
    const known = started.get(name)
    if (known !== undefined) return known
    const before = processNames.filter((other) => serviceOf(file, name).depends_on[other] !== undefined)
    const starting = Promise.all(before.map(start)).then(() => programs[name].start())
    started.set(name, starting)
    return starting
  }
  const all = await Promise.allSettled(processNames.map(start)) // none may still be starting when the others are stopped
  const failed = all.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** A service's environment with everything where it is here: `//host:port` and `@host:port` in addresses, and its own place. */
function mover(file: ComposeFile, ports: Readonly<Record<string, number>>) {
  return (name: ProcessName): Record<string, string> => {
    const moved = Object.entries(serviceOf(file, name).environment).map(([variable, value]) => {
      if (variable === `${name.toUpperCase()}_HOST`) return [variable, '127.0.0.1']
      if (/(^|_)METRICS_PORT$/.test(variable)) return [variable, '0']
      if (variable === `${name.toUpperCase()}_PORT`) return [variable, String(ports[name])]
      const address = value.replaceAll(/(\/\/|@)([a-z]+):\d+(?=$|[/,])/g, (whole, before: string, host: string) =>
        ports[host] === undefined ? whole : `${before}127.0.0.1:${ports[host]}`,
      )
      return [variable, address]
    })
    return Object.fromEntries(moved)
  }
}

/** The database server is whichever the tests have, with its own user. */
function withDatabase(environment: Record<string, string>, url: string): Record<string, string> {
  return environment['DATABASE_URL'] === undefined ? environment : { ...environment, DATABASE_URL: url }
}

/** Of an engine's command, these options with their values. */
function optionsOf(file: ComposeFile, name: string, options: readonly string[]): string[] {
  const { command } = serviceOf(file, name)
  return options.flatMap((option) => {
    const value = command[command.indexOf(option) + 1]
    if (!command.includes(option) || value === undefined) throw new Error(`${name} is not started with ${option}.`)
    return [option, value]
  })
}

function serviceOf(file: ComposeFile, name: string): ComposeService {
  const service = file.services[name]
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}.`)
  return service
}

async function choosePorts(): Promise<Record<ProcessName, number>> {
  const ports = {} as Record<ProcessName, number>
  for (const name of processNames) ports[name] = await freePort()
  return ports
}

function portOf({ url }: PrivateServer): number {
  return Number(new URL(url).port)
}

/** In the opposite order, also after one failed; throws the first failure. */
async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  const faults: unknown[] = []
  for (const closePart of opened.splice(0).reverse()) {
    await closePart().catch((error: unknown) => faults.push(error))
  }
  if (faults.length > 0) throw faults[0]
}
