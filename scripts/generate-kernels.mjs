/**
 * `npm run generate`, the match kernels: AssemblyScript from subgraphs/biometric/kernels/assembly, compiled to WebAssembly and
 * put into a module as base64, so that it is found wherever the compiled code is. Made only when its sources have changed.
 */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from './prisma-services.mjs'
import { hashOfFiles } from './stamps.mjs'

const biometric = path.join(projectRoot, 'subgraphs', 'biometric')
const assembly = path.join(biometric, 'kernels', 'assembly')
const output = path.join(biometric, 'generated', 'kernel-module.ts')

const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  // the memory is the caller's and shared between threads; 65,536 pages are all that 32 bits can tell apart
  ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads'],
]

/** Whether the kernels are missing, or were made from other sources. */
export function areKernelsStale() {
  return !existsSync(output) || !readFileSync(output, 'utf8').startsWith(headOf(fingerprint()))
}

/** Throws with the compiler's words. */
export async function generateKernels() {
  const folder = path.dirname(output)
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(path.join(folder, '.kernels-'))
  try {
    const head = headOf(fingerprint())
    const file = path.join(work, 'kernels.wasm')
    const compiler = path.join(projectRoot, 'node_modules', 'assemblyscript', 'bin', 'asc.js')
    const given = [compiler, path.join(assembly, 'kernels.ts'), '-o', file, ...OPTIONS]
    await promisify(execFile)(process.execPath, given, { cwd: projectRoot })
    const text = path.join(work, 'kernel-module.ts')
    writeFileSync(text, `${head}export const kernelModule = '${readFileSync(file).toString('base64')}'\n`)
    renameSync(text, output) // whole or not at all, for another process that starts at the same time
  } catch (error) {
    throw new Error(`The match kernels could not be compiled:\n${error.stdout ?? ''}${error.stderr ?? error.message}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  console.log('  match kernels compiled')
}

function headOf(hash) {
  return `/** Made by scripts/generate-kernels.mjs from ${hash}. */\n`
}

function fingerprint() {
  const sources = readdirSync(assembly).sort()
  return hashOfFiles([
    ...sources.map((name) => path.join(assembly, name)),
    path.join(projectRoot, 'node_modules', 'assemblyscript', 'package.json'),
    import.meta.filename,
  ])
}
