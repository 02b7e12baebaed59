import path from 'node:path'
import { projectRoot } from './project-root.js'

export interface ForkedProgram {
  readonly file: string
  /** Beside those of one's own. */
  readonly execArgv: readonly string[]
}

/**
 * What to fork a process of (`fork(file, [], { execArgv })`), however one runs oneself: compiled, in many files or in one, or from
 * sources, which tsx then reads there too. `name`: its path from the project's root without `.ts`.
 */
export function forkedProgram(name: string): ForkedProgram {
  const isSource = import.meta.filename.endsWith('.ts')
  if (isSource) return { file: path.join(projectRoot, `${name}.ts`), execArgv: ['--import', 'tsx'] }
  return { file: path.join(projectRoot, 'dist', `${name}.js`), execArgv: [] }
}
