import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { safeParse } from 'zod'
import { readGatewayConfig } from '../../gateway/config.js'
import { launcherVariables } from '../../launcher/config.js'
import { readEnginesConfig } from '../../platform/service/connect-engines.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { readAuthConfig } from '../../subgraphs/auth/config.js'
import { readBiometricConfig } from '../../subgraphs/biometric/config.js'
import { composeVariables, readComposeFile } from '../support/compose-file.js'
import { makeEnv, runMakeEnv } from '../support/make-env.js'
import { processVariables } from '../support/process-variables.js'

interface Entry {
  readonly name: string
  /** False behind `# `: docker-compose.yml sets it itself. */
  readonly asked: boolean
  readonly value: string
  /** As the comment above it says. */
  readonly documentedDefault: string | undefined
}

const text = await readFile(path.join(projectRoot, '.env.example'), 'utf8')
const entries = text.split('\n').flatMap((line, index, lines): Entry[] => {
  const [, hash, name, value = ''] = /^(# )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
  if (name === undefined) return []
  const [, documentedDefault] = / ?Default: (.+)$/.exec(lines[index - 1] ?? '') ?? []
  return [{ name, asked: hash === undefined, value, documentedDefault }]
})

const known = { ...launcherVariables, ...Object.assign({}, ...Object.values(processVariables)) }
const engineSecrets = ['POSTGRES_PASSWORD', 'NATS_PASSWORD', 'REDIS_PASSWORD']
const secrets = composeVariables()
  .filter(({ required }) => required)
  .map(({ name }) => name)
const sorted = (names: readonly string[]) => [...names].sort()

describe('.env.example', () => {
  it('names every variable a process reads, each once, and no other', () => {
    expect(sorted(entries.map(({ name }) => name))).toEqual(sorted([...Object.keys(known), ...engineSecrets]))
  })

  it('leaves to be filled in exactly what docker-compose.yml asks for', () => {
    const asked = entries.filter((entry) => entry.asked).map(({ name }) => name)
    expect(sorted(asked)).toEqual(sorted(composeVariables().map(({ name }) => name)))
  })

  it('holds no value, and so no secret', () => {
    expect(entries.filter(({ asked, value }) => asked && value !== '')).toEqual([])
  })

  it('tells the default that a process, or docker-compose.yml, really takes', () => {
    const processes = Object.entries(processVariables).flatMap(([, shape]) => Object.entries(shape))
    const inCompose = new Map(composeVariables().map(({ name, standIn }) => [name, standIn]))
    const told = entries.filter(({ documentedDefault }) => documentedDefault !== undefined)
    const checked = told.flatMap(({ name, documentedDefault }) => {
      const [, schema] = processes.find(([variable]) => variable === name) ?? []
      const read = schema && safeParse(schema, undefined)
      const taken = inCompose.get(name) || (read?.success ? read.data : undefined)
      const plain = typeof taken === 'string' || typeof taken === 'number'
      return plain && name !== 'GATEWAY_SUPERGRAPH' ? [{ name, told: documentedDefault, taken: String(taken) }] : []
    })
    expect(checked.length).toBeGreaterThan(25)
    expect(checked.filter((entry) => entry.told !== entry.taken)).toEqual([])
  })
})

describe('npm run env:new', () => {
  it('fills in every secret, fit for the processes, in a file that only its owner may read', async () => {
    const { variables, mode } = await makeEnv()
    expect(mode).toBe(0o600)
    const filled = Object.entries(variables).filter(([, value]) => value !== '')
    expect(sorted(filled.map(([name]) => name))).toEqual(sorted(secrets))
    const { auth, biometric, gateway } = readComposeFile(variables).services
    const { keys: sealing, currentKeyId: sealsBy } = readAuthConfig(auth?.environment ?? {}).masterKeys
    expect(sealing[sealsBy]).toHaveLength(32)
    const { keys, currentKeyId } = readBiometricConfig(biometric?.environment ?? {}).masterKeys
    expect(keys[currentKeyId]).toHaveLength(32)
    expect(readGatewayConfig(gateway?.environment ?? {}, []).subscriptions.cursorKeys?.[0]).toHaveLength(32)
    const { DATABASE_URL, NATS_URL, REDIS_URL } = readEnginesConfig('auth', auth?.environment ?? {})
    expect([DATABASE_URL, NATS_URL, REDIS_URL].map((url) => new URL(url).password)).toEqual(
      engineSecrets.map((name) => variables[name]),
    )
  })

  it('makes other secrets every time', async () => {
    const [one, other] = await Promise.all([makeEnv(), makeEnv()])
    for (const name of secrets.filter((secret) => secret !== 'BIOMETRIC_MASTER_KEY_ID')) {
      expect(one.variables[name]).not.toBe(other.variables[name])
    }
  })

  it('leaves a file that exists as it is', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'env-'))
    const file = path.join(folder, '.env')
    await writeFile(file, 'KEPT=1\n')
    await expect(runMakeEnv(file)).rejects.toThrow('exists already and was left as it is')
    expect(await readFile(file, 'utf8')).toBe('KEPT=1\n')
    await rm(folder, { recursive: true })
  })
})
