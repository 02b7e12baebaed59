import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { chown, open, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemErrorCode } from '../errors/system-error-code.js'
import { freePort } from '../service/free-port.js'
import { commandFor, type ServerAccount } from './embedded-account.js'
import type { PostgresBinaries } from './embedded-binaries.js'
import { isAlive, type EmbeddedPaths } from './embedded-cluster.js'
import { brokenFolder } from './embedded-faults.js'

export interface RunningServer {
  readonly pid: number
  readonly port: number
  /** It was running already. */
  readonly found: boolean
}

const START_TRIES = 10
const READY_WITHIN_MS = 60_000 // recovery after a crash replays the log
const STOPPED_WITHIN_MS = 15_000 // half of what a process has to shut down in

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // the path of a socket below a deep folder would be too long
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** The server of this cluster: the one that runs already, else a new one. Throws StartupError with the server's own words. */
export async function obtainServer(paths: EmbeddedPaths, binaries: PostgresBinaries, account: ServerAccount) {
  for (let attempt = 1; ; attempt += 1) {
    const running = await findServer(paths.cluster)
    if (running !== null) return running
    await giveTo(account, paths.cluster)
    const { server, log } = await startServer(paths, binaries, account)
    if (server !== null) return server
    // another program took the port, another process was faster, or the last server's helpers are still on their way out
    if (attempt === START_TRIES || !/could not bind|lock file|shared memory block/.test(log))
      throw brokenFolder(paths, log)
    await delay(100)
  }
}

async function startServer(paths: EmbeddedPaths, binaries: PostgresBinaries, account: ServerAccount) {
  const port = await freePort()
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { file, args, options } = commandFor(account, binaries.postgres, ['-D', paths.cluster, ...settings])
  const log = openSync(paths.log, 'a', 0o600)
  const logStart = (await stat(paths.log)).size
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  const ended = new AbortController()
  child.once('error', () => ended.abort())
  child.once('exit', () => ended.abort())
  const pid = await untilReady(paths.cluster, ended.signal)
  return pid === null
    ? { server: null, log: await readFrom(paths.log, logStart) }
    : { server: { pid, port, found: false }, log: '' }
}

/** The pid once the server takes connections; null when it ended instead. */
async function untilReady(cluster: string, ended: AbortSignal): Promise<number | null> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!ended.aborted && Date.now() < deadline) {
    const file = readPidFile(cluster)
    if (file?.ready === true && !ended.aborted) return file.pid
    await delay(10)
  }
  return null
}

/** Waits for a server that is starting, recovering or stopping; a pid file without its server is removed. */
async function findServer(cluster: string): Promise<RunningServer | null> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (let file = readPidFile(cluster); file !== null; file = readPidFile(cluster)) {
    if (!isServerOf(cluster, file.pid)) {
      await rm(path.join(cluster, 'postmaster.pid'), { force: true })
      return null
    }
    if (file.ready) return { pid: file.pid, port: file.port, found: true }
    if (Date.now() > deadline) return null
    await delay(20)
  }
  return null
}

/** Stops it the fast way: transactions under way are undone, clients are cut off, the data is written. */
export async function stopServer(pid: number, cluster: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isServerOf(cluster, pid)) return
    process.kill(pid, signal)
    const deadline = Date.now() + STOPPED_WITHIN_MS
    while (Date.now() < deadline) {
      if (!isServerOf(cluster, pid)) return
      await delay(10)
    }
  }
}

/** Lines of postmaster.pid: pid, data folder, start, port, socket folder, address, shared memory, state. */
function readPidFile(cluster: string) {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Whether this pid is the server of this cluster and not some program that was given its number later. */
function isServerOf(cluster: string, pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false
  try {
    const command =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') // empty for a process that has ended and waits to be reaped
        : execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
    return command.includes(cluster)
  } catch {
    return false // it ended between the two looks
  }
}

/** Root may have run the server as another account before. */
async function giveTo(account: ServerAccount, cluster: string): Promise<void> {
  if (process.getuid?.() !== 0 || (await stat(cluster)).uid === account.ownerUid) return
  const entries = await readdir(cluster, { recursive: true })
  for (const entry of ['', ...entries]) await chown(path.join(cluster, entry), account.ownerUid, account.ownerUid)
}

async function readFrom(file: string, start: number): Promise<string> {
  const handle = await open(file)
  try {
    return (await handle.createReadStream({ start, encoding: 'utf8' }).toArray()).join('')
  } finally {
    await handle.close()
  }
}
