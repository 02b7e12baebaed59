/**
 * Part of `npm start`: the page of clients/web in dist/page, its script and what that imports in one file. Made only when
 * something in it has changed.
 */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { projectRoot } from './prisma-services.mjs'
import { hashOfFiles, readStamp } from './stamps.mjs'

const source = path.join(projectRoot, 'clients', 'web')
const target = path.join(projectRoot, 'dist', 'page')
const stampFile = path.join(target, '.stamp')

/** True when it was made anew. Throws with the place of a fault. */
export async function bundlePage() {
  const names = await readdir(path.join(projectRoot, 'clients'), { recursive: true })
  const sources = names.filter((name) => /\.(ts|html|css)$/.test(name)).sort()
  const inputs = [
    ...sources.map((name) => path.join(projectRoot, 'clients', name)),
    ...['package-lock.json', 'scripts/bundle-page.mjs'].map((name) => path.join(projectRoot, name)),
  ]
  const stamp = hashOfFiles(inputs)
  if (readStamp(stampFile) === stamp) return false
  const { build } = await import('esbuild')
  await mkdir(target, { recursive: true })
  await build({
    entryPoints: [path.join(source, 'page.ts')],
    outfile: path.join(target, 'page.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome120', 'firefox120', 'safari17'],
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'error',
  })
  for (const name of ['index.html', 'page.css']) await copyFile(path.join(source, name), path.join(target, name))
  await writeFile(stampFile, stamp)
  return true
}

if (import.meta.filename === process.argv[1]) {
  try {
    if (await bundlePage()) console.log('  the page bundled')
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
