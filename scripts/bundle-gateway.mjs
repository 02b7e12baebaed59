/**
 * Part of `npm run gateway` and of the image: the gateway in one file, dist/gateway.cjs, beside
 * the same in many. A start then reads one file in place of a thousand, and takes the machine code of an earlier start from
 * dist/gateway.cache (V8's code cache; one that does not fit is passed over). Made only when something in it has changed.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { projectRoot } from './prisma-services.mjs'

const dist = path.join(projectRoot, 'dist')
const bundle = path.join(dist, 'gateway.cjs')
const cache = path.join(dist, 'gateway.cache')
const stampFile = path.join(dist, '.gateway.stamp')
const sources = ['start-gateway.mjs', 'warm-gateway.mjs', 'bundle-gateway.mjs'].map((name) =>
  path.join(projectRoot, 'scripts', name),
)
const V8_FLAGS = ['--max-semi-space-size=32'] // a code cache is only for the flags it was made under
const WARMING_LIMIT_MS = 120_000

/** True when it was made anew. Throws where it can't be made, or does not start. */
export async function bundleGateway() {
  const stamp = await stampOf([
    path.join(dist, '.manifest.json'),
    path.join(projectRoot, 'package-lock.json'),
    ...sources,
  ])
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false
  const { build } = await import('esbuild')
  const whole = `${bundle}.${process.pid}`
  await build({
    entryPoints: [path.join(dist, 'gateway', 'main.js')],
    outfile: whole,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    supported: { 'dynamic-import': false }, // a script that has a code cache can't import
    legalComments: 'none',
    external: ['@graphql-yoga/render-graphiql'], // 9 MB for a page that production does not serve
    banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    define: {
      'import.meta.url': '__bundleUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    logLevel: 'error',
  })
  await rename(whole, bundle)
  await copyFile(path.join(projectRoot, 'scripts', 'start-gateway.mjs'), path.join(dist, 'start-gateway.mjs'))
  await rm(cache, { force: true })
  await warm()
  await writeFile(stampFile, stamp)
  return true
}

async function stampOf(files) {
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('base64url')
}

/** Starts the gateway once, with a supergraph of ours, so that the cache has what a start compiles. */
async function warm() {
  const program = path.join(projectRoot, 'scripts', 'warm-gateway.mjs')
  const child = spawn(process.execPath, [...V8_FLAGS, program], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, GATEWAY_HOST: '127.0.0.1', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (text) => (errors += text))
  const limit = setTimeout(() => child.kill('SIGKILL'), WARMING_LIMIT_MS)
  const [code] = await once(child, 'exit')
  clearTimeout(limit)
  if (code !== 0 || !existsSync(cache)) throw new Error(`The bundled gateway does not start:\n${errors}`)
}

if (import.meta.filename === process.argv[1]) {
  try {
    if (await bundleGateway()) console.log('  the gateway bundled')
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
