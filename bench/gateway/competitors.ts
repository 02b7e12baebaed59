import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../platform/service/project-root.js'

export interface Competitor {
  readonly name: string
  /** Node's own flags, the program, and its arguments. */
  command(situation: Situation): readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

export interface Situation {
  readonly port: number
  readonly supergraph: string
  readonly urls: Readonly<Record<string, string>>
}

const FLAGS = ['--max-semi-space-size=32'] // that of `npm run gateway`
const peersFolder = path.join(projectRoot, 'bench', 'gateway', 'peers')

const gateway: Competitor = {
  name: 'this gateway',
  command: ({ port, supergraph }) => [
    ...FLAGS,
    path.join(projectRoot, 'dist', 'start-gateway.mjs'),
    '--supergraph',
    supergraph,
    '--port',
    `${port}`,
  ],
  environment: { GATEWAY_HOST: '127.0.0.1', LOG_LEVEL: 'error', NODE_ENV: 'production' },
}

const limit: Competitor = {
  name: 'the limit',
  command: (situation) => [
    ...FLAGS,
    '--import',
    'tsx',
    path.join(projectRoot, 'bench', 'gateway', 'limit-process.ts'),
    JSON.stringify(situation),
  ],
  environment: { NODE_ENV: 'production' },
}

function peer(name: string, program: string): Competitor {
  return {
    name,
    command: (situation) => [path.join(peersFolder, program), JSON.stringify(situation)],
    environment: { NODE_ENV: 'production' },
  }
}

const peers = [peer('plain Apollo', 'apollo.mjs'), peer('Hive + Rust', 'hive.mjs'), peer('Mercurius', 'mercurius.mjs')]

/** By the word a user gives to `--only`. */
export const competitors: Readonly<Record<string, Competitor>> = {
  gateway,
  limit,
  apollo: peers[0] as Competitor,
  hive: peers[1] as Competitor,
  mercurius: peers[2] as Competitor,
}

/**
 * Installs the peers where they are missing, or are those of an earlier list. False when they can't be had: the bench goes on
 * without them.
 */
export async function installPeers(print: (line: string) => void): Promise<boolean> {
  const digest = createHash('sha256')
  for (const file of ['package.json', 'package-lock.json']) digest.update(await readFile(path.join(peersFolder, file)))
  const wanted = digest.digest('base64url')
  const stamp = path.join(peersFolder, 'node_modules', '.installed-for') // npm empties the folder before it begins
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return true
  print('Installing the peers into bench/gateway/peers ...')
  try {
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder, timeout: 300_000 })
    await writeFile(stamp, wanted)
    return true
  } catch (error) {
    print(`The peers can't be installed: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown'}`)
    return false
  }
}
