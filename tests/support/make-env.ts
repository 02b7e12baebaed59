import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { projectRoot } from '../../platform/service/project-root.js'
import type { Variables } from './compose-file.js'

export interface MadeEnv {
  readonly variables: Variables
  /** Of the file, e.g. 0o600. */
  readonly mode: number
}

/** What `npm run env:new` makes, in a folder of its own: a `.env` with fresh secrets. */
export async function makeEnv(): Promise<MadeEnv> {
  const folder = await mkdtemp(path.join(tmpdir(), 'env-'))
  try {
    const file = path.join(folder, '.env')
    await runMakeEnv(file)
    const { mode } = await stat(file)
    return { variables: parseEnv(await readFile(file, 'utf8')), mode: mode & 0o777 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rejects with the program's own words when it refuses. */
export async function runMakeEnv(file: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/make-env.mjs', file], { cwd: projectRoot })
}
