import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { StartupError } from '../errors/startup-error.js'
import { systemErrorCode } from '../errors/system-error-code.js'
import { commandFor, type ServerAccount } from './embedded-account.js'
import type { PostgresBinaries } from './embedded-binaries.js'
import { brokenFolder, foreignFolder } from './embedded-faults.js'

export interface EmbeddedPaths {
  readonly folder: string
  readonly cluster: string
  readonly password: string
  readonly log: string
  /** The pid of the process that holds the claim, or held the last one. */
  readonly owner: string
}

export function pathsIn(folder: string): EmbeddedPaths {
  const inside = (name: string) => path.join(folder, name)
  return {
    folder,
    cluster: inside('cluster'),
    password: inside('password'),
    log: inside('server.log'),
    owner: inside('owner'),
  }
}

/**
 * Makes the database cluster when there is none, and gives its password. A cluster appears whole or not at all: it is
 * made under another name and then renamed, and what a killed process left half made is removed. Throws StartupError.
 */
export async function ensureCluster(
  paths: EmbeddedPaths,
  binaries: PostgresBinaries,
  account: ServerAccount,
): Promise<string> {
  await removeHalfMade(paths.folder)
  const made = existsSync(paths.cluster)
  if (made) {
    const owner = (await stat(paths.cluster)).uid
    if (owner !== account.ownerUid && process.getuid?.() !== 0) throw foreignFolder(paths)
    const whole = ['PG_VERSION', 'global/pg_control', 'postgresql.conf'].every((name) =>
      existsSync(path.join(paths.cluster, name)),
    )
    if (!whole || !existsSync(paths.password)) throw brokenFolder(paths, '')
  }
  const password = await ensurePassword(paths)
  if (!made) await makeCluster(paths, binaries, account, password)
  return password
}

async function ensurePassword(paths: EmbeddedPaths): Promise<string> {
  const fresh = randomBytes(24).toString('base64url')
  try {
    await writeFile(paths.password, fresh, { mode: 0o600, flag: 'wx' })
    return fresh
  } catch (error) {
    if (!existsSync(paths.password)) throw error
    const kept = (await readFile(paths.password, 'utf8')).trim()
    return kept === '' ? Promise.reject(brokenFolder(paths, '')) : kept
  }
}

const HALF_MADE = /^(?:cluster|password)\.(\d+)\.new$/

async function removeHalfMade(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const maker = HALF_MADE.exec(name)?.[1]
    if (maker === undefined || isAlive(Number(maker))) continue
    await rm(path.join(folder, name), { recursive: true, force: true })
  }
}

async function makeCluster(paths: EmbeddedPaths, binaries: PostgresBinaries, account: ServerAccount, password: string) {
  const fresh = path.join(paths.folder, `cluster.${process.pid}.new`)
  const passwordFile = path.join(paths.folder, `password.${process.pid}.new`)
  try {
    await mkdir(fresh, { mode: 0o700 })
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (account.identity !== null || account.ownerUid !== process.getuid?.()) {
      await chown(fresh, account.ownerUid, account.ownerUid)
      await chown(passwordFile, account.ownerUid, account.ownerUid)
    }
    await runInitdb(binaries, account, ['-D', fresh, `--pwfile=${passwordFile}`])
    await rename(fresh, paths.cluster).catch((error: unknown) => {
      if (!existsSync(paths.cluster)) throw error // another process was faster: its cluster serves
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
  }
}

const INITDB_OPTIONS = [
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // sorts and folds the same on every system, whatever locales it has
  ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
]

async function runInitdb(binaries: PostgresBinaries, account: ServerAccount, more: readonly string[]): Promise<void> {
  const { file, args, options } = commandFor(account, binaries.initdb, [...INITDB_OPTIONS, ...more])
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const [output, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (status === 0) return
  const reason = output.trim().split('\n').at(0) ?? ''
  throw new StartupError(
    `The embedded Postgres does not run on this system (${reason}): set DATABASE_URL to a server, see .env.example.`,
  )
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM' // alive, and somebody else's
  }
}
