import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A server of this test's own, on a free port of the loopback and with a data folder of its own: it may be killed. */
export interface PrivateServer {
  readonly url: string
  /** SIGKILL: no goodbye, no flush. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder, and waits until it answers. */
  restart(): Promise<void>
  /** Kills it if it runs and removes its folder. */
  close(): Promise<void>
}

interface Recipe {
  readonly binary: string
  readonly scheme: string
  arguments(port: number, folder: string): string[]
  readonly answers: (port: number) => Promise<boolean>
}

const nats: Recipe = {
  binary: 'nats-server',
  scheme: 'nats',
  arguments: (port, folder) => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
  answers: natsAnswers,
}

const redis: Recipe = {
  binary: 'redis-server',
  scheme: 'redis',
  arguments: (port, folder) => [...['--bind', '127.0.0.1', '--port', String(port)], ...['--dir', folder, '--save', '']],
  answers: redisListens,
}

/** `more`: further arguments, such as who may connect; the address carries no password. */
export const startNats = (more: readonly string[] = []): Promise<PrivateServer> => start(nats, more)

export const startRedis = (more: readonly string[] = []): Promise<PrivateServer> => start(redis, more)

/** The binary's path, undefined when PATH has none. */
export function findBinary(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, name)).find(isExecutable)
}

/** Whether a NATS with JetStream listens there: the greeting of every server says so. */
export async function natsAnswers(port: number): Promise<boolean> {
  return (await firstWords(port, '')).includes('"jetstream":true')
}

export async function redisAnswers(port: number): Promise<boolean> {
  return (await firstWords(port, 'PING\r\n')).startsWith('+PONG')
}

/** Also one that answers only to its password. */
async function redisListens(port: number): Promise<boolean> {
  return /^(\+PONG|-NOAUTH)/.test(await firstWords(port, 'PING\r\n'))
}

async function start(recipe: Recipe, more: readonly string[]): Promise<PrivateServer> {
  const binary = findBinary(recipe.binary)
  if (binary === undefined) throw new Error(`${recipe.binary} is not on PATH.`)
  const folder = await mkdtemp(path.join(tmpdir(), `${recipe.binary}-`))
  const port = await freePort()
  let child: ChildProcess | undefined
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  const restart = async () => {
    await kill()
    child = spawn(binary, [...recipe.arguments(port, folder), ...more], { stdio: 'ignore' })
    await untilAnswering(recipe, port, child)
  }
  const killNow = () => void child?.kill('SIGKILL')
  process.once('exit', killNow)
  await restart()
  return {
    url: `${recipe.scheme}://127.0.0.1:${port}`,
    kill,
    restart,
    async close() {
      await kill()
      process.off('exit', killNow)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilAnswering({ binary, answers }: Recipe, port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${binary} ended with code ${child.exitCode} instead of listening.`)
    if (Date.now() > deadline) throw new Error(`${binary} did not listen within 10 s.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function firstWords(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 500 })
    const answer = (text: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.once('connect', () => request !== '' && socket.write(request))
    socket.once('data', (data) => answer(data.toString()))
    socket.once('error', () => answer(''))
    socket.once('timeout', () => answer(''))
    socket.once('close', () => answer(''))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
