/** Stamps: small files that hold the hash of what something was made from, so that it is made again only when that changed. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

/** One hash over the contents and names of files; a missing file counts as empty. */
export function hashOfFiles(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`${file.split(/[\\/]/).at(-1)}\0`)
    hash.update(existsSync(file) ? readFileSync(file) : '')
    hash.update('\0')
  }
  return hash.digest('hex')
}

/** What a stamp says, null when it was never made. */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}
