import { readFileSync } from 'node:fs'
import path from 'node:path'
import { StartupError } from '../errors/startup-error.js'
import { systemErrorCode } from '../errors/system-error-code.js'
import { isAlive, type EmbeddedPaths } from './embedded-cluster.js'

/** The folder's data can't be used; the server's own last words say why. */
export function brokenFolder(paths: EmbeddedPaths, serverLog: string, cause?: unknown): StartupError {
  if (/lock file|shared memory block/.test(serverLog)) return leftOver(paths)
  const lines = serverLog.split('\n').filter((line) => /FATAL|PANIC|error|could not/i.test(line))
  const reason =
    lines[0]?.replace(/^.*?(FATAL|PANIC|initdb: error|postgres: error):\s*/, '').trim() ?? 'its files are not complete'
  return new StartupError(
    `The embedded Postgres can't use ${shown(paths.folder)}: ${reason}\n` +
      `To begin anew with an empty database: rm -rf ${shown(paths.folder)}`,
    { cause },
  )
}

/** The data is sound, and its last server not quite gone. */
function leftOver(paths: EmbeddedPaths): StartupError {
  const folder = shown(paths.folder)
  return new StartupError(
    `Processes of an earlier Postgres still hold ${folder}: end them (pgrep -f ${folder}), then start again.`,
  )
}

export function foreignFolder(paths: EmbeddedPaths, cause?: unknown): StartupError {
  return new StartupError(
    `${shown(paths.folder)} belongs to another user: start as that user, or delete it as that user (or root) to begin anew.`,
    { cause },
  )
}

export function folderInUse(paths: EmbeddedPaths): StartupError {
  const owner = ownerOf(paths)
  const [which, how] = owner === null ? ['', ''] : [` (pid ${owner})`, `: kill ${owner}`]
  return new StartupError(
    `${shown(paths.folder)} is in use by another running process of this project${which}: stop that one first${how}.`,
  )
}

/** The process that opened this folder last, while it lives. */
export function ownerOf({ owner }: Pick<EmbeddedPaths, 'owner'>): number | null {
  try {
    const pid = Number(readFileSync(owner, 'utf8'))
    return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : null
  } catch {
    return null
  }
}

/** EACCES or EPERM from a file operation. */
export function isPermissionFault(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '')
}

function shown(folder: string): string {
  const relative = path.relative(process.cwd(), folder)
  return relative.startsWith('..') ? folder : relative
}
