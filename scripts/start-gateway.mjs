/**
 * Starts the bundled gateway with the code cache beside it; see scripts/bundle-gateway.mjs, which puts a copy of this beside
 * both. It takes the arguments of dist/gateway/main.js.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Script } from 'node:vm'

const folder = import.meta.dirname
const bundle = path.join(folder, 'gateway.cjs')
const cache = path.join(folder, 'gateway.cache')
export const script = new Script(`(function (require, __filename, __dirname) {${readFileSync(bundle, 'latin1')}\n})`, {
  filename: bundle,
  ...(existsSync(cache) && { cachedData: readFileSync(cache) }),
})
if (script.cachedDataRejected) console.error('The code cache is of another Node or other flags: starting without it.')
script.runInThisContext()(createRequire(bundle), bundle, folder)
