/**
 * `npm run env:new`: writes .env (or the file it is told) from .env.example with fresh secrets in the places that are left
 * empty there. It never touches a file that exists: what is in it may be the only key to data. It needs nothing installed.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const MASTER_KEY_ID = `key-${new Date().toISOString().slice(0, 10)}`

const password = () => randomBytes(24).toString('base64url') // fit for an address as it is

/** How each secret is made. */
const makers = {
  POSTGRES_PASSWORD: password,
  NATS_PASSWORD: password,
  REDIS_PASSWORD: password,
  AUTH_MASTER_KEYS: () => `${MASTER_KEY_ID}:${randomBytes(32).toString('base64')}`,
  BIOMETRIC_MASTER_KEYS: () => `${MASTER_KEY_ID}:${randomBytes(32).toString('base64')}`,
  BIOMETRIC_MASTER_KEY_ID: () => MASTER_KEY_ID,
  USER_MASTER_KEYS: () => `${MASTER_KEY_ID}:${randomBytes(32).toString('base64')}`,
  GATEWAY_CURSOR_KEYS: () => randomBytes(32).toString('base64'),
}

/** The example with every secret of `makers` filled in. Throws when it lacks the place of one. */
function fillSecrets(example) {
  return Object.entries(makers).reduce((text, [name, make]) => {
    const line = new RegExp(`^${name}=$`, 'm')
    if (!line.test(text)) throw new Error(`.env.example has no empty line ${name}=`)
    return text.replace(line, () => `${name}='${make()}'`)
  }, example)
}

const file = path.resolve(root, process.argv[2] ?? '.env')
const name = path.basename(file)
try {
  const text = fillSecrets(readFileSync(path.join(root, '.env.example'), 'utf8'))
  writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  console.log(`${name} is written, with fresh secrets. Keep it: without its keys encrypted templates are lost.`)
} catch (error) {
  const known = error.code === 'EEXIST'
  const message = `${name} exists already and was left as it is. Move it away first if you want new secrets.`
  console.error(known ? message : error.message)
  process.exitCode = 1
}
