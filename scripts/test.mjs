/**
 * `npm test [-- jest arguments]`: makes ready what is missing, as `npm start` does, holds the supergraph against its subgraphs
 * and the migrations against their schemas, then runs Jest. The last lines name the suites that were skipped and why, then
 * the counts from Jest's own result.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureInstalled, refuseOldNode } from './installation.mjs'

const root = path.resolve(import.meta.dirname, '..')

/** Gives the exit code. */
function run(program, args, environment = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
}

async function check() {
  const tsx = path.join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs')
  const supergraph = await run(tsx, ['scripts/supergraph/main.ts', '--check'])
  const migrations = await run('scripts/check-migrations.mjs', [])
  return supergraph === 0 && migrations === 0
}

async function jest(args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'jest-'))
  const outputFile = path.join(folder, 'result.json')
  try {
    const code = await run(
      path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      ['--json', `--outputFile=${outputFile}`, ...args],
      {
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
      },
    )
    return { code, result: existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : null }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not be run counts as a failed test: it would have had some. */
function counts({ numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites }) {
  return `tests: ${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed, ${numPendingTests} skipped`
}

try {
  refuseOldNode()
  await ensureInstalled()
  const { makeReady } = await import('./make-ready.mjs')
  await makeReady()
} catch (error) {
  console.error(`\n${error.message}`)
  process.exit(1)
}
const args = process.argv.slice(2)
const sound = args.length > 0 || (await check())
const { code, result } = await jest(args)
if (!sound) console.error('The supergraph or a migration is out of step with its sources: see the first lines.')
if (result !== null) console.log(counts(result))
process.exitCode = sound ? code : 1
