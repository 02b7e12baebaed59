import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { StartupError } from '../platform/errors/startup-error.js'

const MASTER_KEY_ID = 'development'

/** The variables that have no default, and how each is made up for development. */
const makers: Readonly<Record<string, () => string>> = {
  AUTH_MASTER_KEYS: () => `${MASTER_KEY_ID}:${randomBytes(32).toString('base64')}`,
  BIOMETRIC_MASTER_KEYS: () => `${MASTER_KEY_ID}:${randomBytes(32).toString('base64')}`,
  BIOMETRIC_MASTER_KEY_ID: () => MASTER_KEY_ID,
  USER_MASTER_KEYS: () => `${MASTER_KEY_ID}:${randomBytes(32).toString('base64')}`,
  GATEWAY_CURSOR_KEYS: () => randomBytes(32).toString('base64'),
}

/**
 * The secrets of this copy of the project, as variables. They are made on the first start and kept in `secrets.json`,
 * which only its owner may read: without them, what was encrypted under them is lost. Throws StartupError.
 */
export async function openDevelopmentSecrets(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = path.join(folder, 'secrets.json')
  const kept = await readSecrets(file)
  const missing = Object.entries(makers).filter(([name]) => kept[name] === undefined)
  if (missing.length === 0) return kept
  const secrets = { ...kept, ...Object.fromEntries(missing.map(([name, make]) => [name, make()])) }
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file) // never half written
  return secrets
}

async function readSecrets(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw new StartupError(`${file} can't be read (${error.code}): start as the user who owns it.`, { cause: error })
  })
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text))
  } catch (error) {
    const remedy = `restore it from a copy, or delete it together with ${path.join(path.dirname(file), 'postgres')} to begin anew`
    throw new StartupError(`${file} is damaged: ${remedy}.`, { cause: error })
  }
}
