/**
 * Compiles the sources into dist/, each file for itself and without checking types (`npm run typecheck` does), so that a
 * start loads plain JavaScript. A file whose hash is that of its last compilation is passed over; what has no source any
 * more is removed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { transform } from '@swc/core'
import { projectRoot } from './prisma-services.mjs'

const roots = ['platform', 'gateway', 'subgraphs', 'schema', 'launcher', 'clients']
const dist = path.join(projectRoot, 'dist')
const manifest = path.join(dist, '.manifest.json')

const OPTIONS = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  sourceMaps: true,
  swcrc: false,
}

const version = JSON.stringify(OPTIONS) // other options make other code

/** Gives `{ compiled, total }`. Throws with the place of a syntax error. */
export async function compile() {
  const before = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {}
  const sources = (await Promise.all(roots.map(listSources))).flat()
  const after = {}
  let compiled = 0
  await Promise.all(
    sources.map(async (source) => {
      const text = await readFile(path.join(projectRoot, source), 'utf8')
      after[source] = createHash('sha1').update(version).update(text).digest('base64url')
      if (after[source] === before[source] && existsSync(outputOf(source))) return
      await compileFile(source, text)
      compiled += 1
    }),
  )
  const gone = Object.keys(before).filter((source) => after[source] === undefined)
  await Promise.all(
    gone.flatMap((source) => [rm(outputOf(source), { force: true }), rm(`${outputOf(source)}.map`, { force: true })]),
  )
  if (compiled + gone.length > 0) await replaceFile(manifest, JSON.stringify(after))
  return { compiled, total: sources.length }
}

async function listSources(folder) {
  const names = await readdir(path.join(projectRoot, folder), { recursive: true })
  return names
    .filter((name) => !name.startsWith('web' + path.sep) || folder !== 'clients') // bundled for browsers: bundle-page.mjs
    .filter((name) => !name.includes(`${path.sep}assembly${path.sep}`)) // compiled to WebAssembly: generate-kernels.mjs
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'))
    .map((name) => path.join(folder, name))
}

async function compileFile(source, text) {
  const output = outputOf(source)
  const { code, map } = await transform(text, { ...OPTIONS, filename: path.join(projectRoot, source) })
  await mkdir(path.dirname(output), { recursive: true })
  await replaceFile(`${output}.map`, map)
  await replaceFile(output, `${code}//# sourceMappingURL=${path.basename(output)}.map\n`)
}

/** Whole or not at all, for another process that starts at the same time. */
async function replaceFile(file, text) {
  await writeFile(`${file}.${process.pid}`, text)
  await rename(`${file}.${process.pid}`, file)
}

function outputOf(source) {
  return path.join(dist, source.replace(/\.ts$/, '.js'))
}
