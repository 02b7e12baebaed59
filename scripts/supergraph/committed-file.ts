import { execFileSync } from 'node:child_process'

/** A file as it stands in a revision, or null where there is no such file, revision or repository. */
export function committedFile(folder: string, revision: string, file: string): string | null {
  try {
    return execFileSync('git', ['show', `${revision}:./${file}`], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}
