import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

export interface WorkerFile {
  /** Where its code is. */
  readonly filename: string
  /** What Node needs to load it. */
  readonly execArgv: readonly string[]
}

/**
 * The worker's code beside this file: JavaScript where this is compiled; where the sources are run as they are, as tests and
 * benchmarks do, TypeScript that a loader of development translates.
 */
export function workerFile(): WorkerFile {
  const ending = path.extname(import.meta.filename)
  const filename = path.join(import.meta.dirname, `match-worker${ending}`)
  if (ending !== '.ts') return { filename, execArgv: [] }
  return { filename, execArgv: ['--import', pathToFileURL(createRequire(import.meta.filename).resolve('tsx')).href] }
}
