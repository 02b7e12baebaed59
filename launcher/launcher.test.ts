import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLogger } from '../platform/log/logger.js'
import { readLauncherConfig } from './config.js'
import { describeHouse } from './describe-house.js'
import { openDevelopmentSecrets } from './development-secrets.js'
import { createShutdown } from '../platform/service/shutdown.js'

const logger = createLogger({ service: 'tests', level: 'silent' })

describe('the launcher’s configuration', () => {
  it('needs nothing: every engine is embedded, on the well-known ports', () => {
    const config = readLauncherConfig({})
    expect(config).toMatchObject({ development: true, databaseUrl: null, natsUrl: null, redisUrl: null })
    expect(config.ports).toEqual({
      gateway: 8080,
      auth: 8081,
      user: 8082,
      content: 8083,
      ai: 8084,
      biometric: 8085,
      web: 8090,
    })
  })

  it('tells every fault at once', () => {
    expect(() => readLauncherConfig({ AUTH_PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/LOG_LEVEL[^]*AUTH_PORT/)
  })
})

describe('development secrets', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'secrets-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('are made once, kept, and readable by their owner alone', async () => {
    const made = await openDevelopmentSecrets(folder)
    expect(made['BIOMETRIC_MASTER_KEYS']).toMatch(/^development:[A-Za-z0-9+/]{43}=$/)
    expect(made['GATEWAY_CURSOR_KEYS']).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(made['AUTH_MASTER_KEYS']).toMatch(/^development:[A-Za-z0-9+/]{43}=$/)
    expect((await stat(path.join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600)
    await expect(openDevelopmentSecrets(folder)).resolves.toEqual(made)
  })

  it('that a later version needs are added to those that are kept', async () => {
    await writeFile(path.join(folder, 'secrets.json'), '{"BIOMETRIC_MASTER_KEYS":"old:kept"}')
    const secrets = await openDevelopmentSecrets(folder)
    expect(secrets['BIOMETRIC_MASTER_KEYS']).toBe('old:kept')
    expect(secrets['AUTH_MASTER_KEYS']).toBeDefined()
    expect(JSON.parse(await readFile(path.join(folder, 'secrets.json'), 'utf8'))).toEqual(secrets)
  })

  it('that are damaged are not replaced: what they encrypted would be lost', async () => {
    await writeFile(path.join(folder, 'secrets.json'), '{"BIOMETRIC_MAS')
    await expect(openDevelopmentSecrets(folder)).rejects.toThrow(
      `secrets.json is damaged: restore it from a copy, or delete it together with ${path.join(folder, 'postgres')} `,
    )
    expect(await readFile(path.join(folder, 'secrets.json'), 'utf8')).toBe('{"BIOMETRIC_MAS')
  })
})

describe('a shutdown', () => {
  it('closes in the opposite order, once, and goes on after a failure', async () => {
    const shutdown = createShutdown(logger)
    const closed: string[] = []
    shutdown.add('first', async () => void closed.push('first'))
    shutdown.add('second', () => Promise.reject(new Error('stuck')))
    shutdown.add('third', async () => void closed.push('third'))
    await Promise.all([shutdown.run(), shutdown.run()])
    expect(closed).toEqual(['third', 'first'])
  })
})

describe('what a start prints', () => {
  it('names every part, where it is, what it runs on, and four things to try', () => {
    const { ports } = readLauncherConfig({ GATEWAY_PORT: '9000' })
    const engines = { database: 'PostgreSQL, embedded', bus: 'in process', cache: 'in process' }
    const text = describeHouse({ ports, engines, page: 'http://localhost:8090' }, 1_234)
    for (const part of ['gateway', 'page', 'auth', 'user', 'content', 'ai', 'biometric', 'database', 'bus', 'cache']) {
      expect(text).toMatch(new RegExp(`^ {2}${part} +\\S`, 'm'))
    }
    expect(text).toContain('ready after 1.2 s')
    expect(text).toContain('http://localhost:9000/explorer')
    expect(text).toContain('GATEWAY_URL=http://localhost:9000/graphql npm run demo')
    expect(text).toMatch(/curl http:\/\/localhost:9000\/graphql .* -d '\{"query":.*\}'/)
  })
})
