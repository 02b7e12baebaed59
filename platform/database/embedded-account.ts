import { spawnSync } from 'node:child_process'
import { lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import { StartupError } from '../errors/startup-error.js'
import type { PostgresBinaries } from './embedded-binaries.js'

/** As whom Postgres runs: it refuses to run as root. */
export interface ServerAccount {
  /** Put before the command. */
  readonly wrapper: readonly string[]
  readonly identity: { readonly uid: number; readonly gid: number } | null
  /** Who has to own the data. */
  readonly ownerUid: number
}

const NOBODY = 65_534

/** The least there is: PGDATA, PGPORT and their like would be obeyed. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * The account for a server whose data lies in `folder`. For root, the first of these that works here: whoever else owns
 * the folder; the account `nobody`, where it can reach project and data; root seen as a plain user from within a user
 * namespace; `nobody` with the one capability to pass through closed folders (such as /root). Throws StartupError when
 * none does.
 */
export async function accountFor(folder: string, binaries: PostgresBinaries): Promise<ServerAccount> {
  const uid = process.getuid?.() ?? NOBODY
  if (uid !== 0) return { wrapper: [], identity: null, ownerUid: uid }
  const owner = await stat(folder)
  if (owner.uid !== 0) return { wrapper: [], identity: { uid: owner.uid, gid: owner.gid }, ownerUid: owner.uid }
  if ((await isOpenToAll(folder)) && (await isOpenToAll(binaries.postgres))) {
    return { wrapper: [], identity: { uid: NOBODY, gid: NOBODY }, ownerUid: NOBODY }
  }
  const inNamespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000']
  if (works(inNamespace, binaries)) return { wrapper: inNamespace, identity: null, ownerUid: 0 }
  const withCapability = [
    ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
    ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
  ]
  if (works(withCapability, binaries)) return { wrapper: withCapability, identity: null, ownerUid: NOBODY }
  throw new StartupError(
    'Postgres refuses to run as root, and no other account can reach this folder: ' +
      'move the project to a folder every user may enter, start as a plain user, or set DATABASE_URL to a server.',
  )
}

/** What to spawn, and how, to run a program under an account. */
export function commandFor(account: ServerAccount, program: string, programArguments: readonly string[]) {
  const [file = program, ...args] = [...account.wrapper, program, ...programArguments]
  return {
    file,
    args,
    options: { cwd: '/', env: ENVIRONMENT, ...account.identity },
  }
}

function works(wrapper: readonly string[], binaries: PostgresBinaries): boolean {
  const [file = '', ...args] = [...wrapper, binaries.postgres, '--version']
  return spawnSync(file, args, { stdio: 'ignore', env: ENVIRONMENT }).status === 0
}

/** Whether every account may pass every folder on the way and read what is at its end. */
async function isOpenToAll(target: string): Promise<boolean> {
  const folders: string[] = []
  for (let at = path.dirname(target); ; at = path.dirname(at)) {
    folders.push(at)
    if (at === path.dirname(at)) break
  }
  const passable = await Promise.all(folders.map(async (folder) => ((await stat(folder)).mode & 0o001) !== 0))
  const end = await lstat(target)
  return passable.every(Boolean) && (end.isDirectory() || (end.mode & 0o005) === 0o005)
}
