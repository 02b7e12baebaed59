import { existsSync } from 'node:fs'
import path from 'node:path'

/** The folder of package.json: sources run from it directly and compiled code from `dist` below it. */
export const projectRoot = findProjectRoot(import.meta.dirname)

function findProjectRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder
  const parent = path.dirname(folder)
  if (parent === folder) throw new Error('package.json was found in no folder above the code.')
  return findProjectRoot(parent)
}
