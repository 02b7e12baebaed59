import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readGatewayConfig } from '../../gateway/config.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { tokenEnds } from '../../launcher/token-ends.js'
import { tokenEndSources } from '../../platform/identity/token-end-source.js'
import { sessionEnded } from '../../schema/contracts/session-ended.js'
import { keyRevoked } from '../../schema/contracts/key-revoked.js'
import { tokensEnded } from '../../schema/contracts/tokens-ended.js'
import { composeVariables, readComposeFile, type Variables } from '../support/compose-file.js'
import { processNames, processVariables } from '../support/process-variables.js'

const secrets = [
  'AUTH_MASTER_KEYS',
  'BIOMETRIC_MASTER_KEYS',
  'BIOMETRIC_MASTER_KEY_ID',
  'GATEWAY_CURSOR_KEYS',
  'NATS_PASSWORD',
  'POSTGRES_PASSWORD',
  'REDIS_PASSWORD',
  'USER_MASTER_KEYS',
]
const filled: Variables = {
  ...Object.fromEntries([...secrets, 'AUTH_SIGNING_KEYS'].map((name) => [name, `made-${name}`])),
  GATEWAY_CURSOR_KEYS: Buffer.alloc(32, 'made').toString('base64'), // the one whose form the gateway reads here
}
const { services, volumes } = readComposeFile(filled)
const serviceOf = (name: string) => services[name] ?? missing(name)
const read = (file: string) => readFileSync(path.join(projectRoot, file), 'utf8')

/** What a process reads and docker-compose.yml leaves to the image, and why. */
const leftToTheImage: Readonly<Record<string, string>> = {
  GATEWAY_SUPERGRAPH: 'the image carries schema/supergraph.graphql, and a path of the host means nothing in it',
}

describe('docker-compose.yml', () => {
  it('runs PostgreSQL 17, Redis 7, NATS with JetStream and six processes of one image', () => {
    expect(Object.keys(services).sort()).toEqual([...processNames, 'nats', 'postgres', 'redis'].sort())
    expect(serviceOf('postgres').image).toMatch(/^postgres:17\b/)
    expect(serviceOf('redis').image).toMatch(/^redis:7\b/)
    expect(serviceOf('nats').image).toMatch(/^nats:2\./)
    expect(serviceOf('nats').command).toContain('-js')
    expect(new Set(processNames.map((name) => serviceOf(name).image)).size).toBe(1)
  })

  it('refuses to start without each of its secrets, naming the remedy', () => {
    const required = composeVariables().filter((variable) => variable.required)
    expect(required.map(({ name }) => name).sort()).toEqual([...secrets].sort())
    for (const name of secrets) {
      expect(() => readComposeFile({ ...filled, [name]: '' })).toThrow(`${name}: run npm run env:new`)
    }
  })

  it('has no secret of its own', () => {
    const names = /PASSWORD$|KEYS?$|SECRET|_AUTH$/
    const values = Object.values(services).flatMap(({ environment }) => Object.entries(environment))
    const own = values.filter(([name, value]) => names.test(name) && !Object.values(filled).includes(value))
    expect(own).toEqual([])
    const addresses = values.map(([, value]) => value).filter((value) => URL.canParse(value))
    const passwords = addresses.map((value) => new URL(value).password).filter((password) => password !== '')
    expect(passwords).toHaveLength(16) // database and cache for five services, the bus for six
    expect(passwords.filter((password) => !Object.values(filled).includes(password))).toEqual([])
  })

  it('asks Redis and NATS for the password that the processes have', () => {
    const { REDIS_URL = '', NATS_URL = '', DATABASE_URL = '' } = serviceOf('auth').environment
    expect(serviceOf('redis').command.join(' ')).toContain(`--requirepass ${new URL(REDIS_URL).password}`)
    const { username, password } = new URL(NATS_URL)
    expect(serviceOf('nats').command.join(' ')).toContain(`--user ${username} --pass ${password}`)
    const database = new URL(DATABASE_URL)
    expect(serviceOf('postgres').environment).toEqual({
      POSTGRES_USER: database.username,
      POSTGRES_PASSWORD: database.password,
      POSTGRES_DB: database.pathname.slice(1),
    })
  })

  it('lets only the gateway out, and only to this machine', () => {
    const open = Object.entries(services).flatMap(([name, { ports }]) => ports.map((port) => `${name} ${port}`))
    expect(open).toEqual(['gateway 127.0.0.1:8080:8080'])
  })

  it('keeps what the engines keep in volumes', () => {
    const mounted = ['postgres', 'redis', 'nats'].flatMap((name) => serviceOf(name).volumes)
    expect(mounted.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort())
  })

  describe.each(processNames)('%s', (name) => {
    const service = serviceOf(name)
    const { environment } = service
    const port = environment[`${name.toUpperCase()}_PORT`] ?? ''

    it('is given every variable it reads and none it does not know', () => {
      const known = Object.keys(processVariables[name]).filter((variable) => leftToTheImage[variable] === undefined)
      expect(Object.keys(environment).sort()).toEqual(known.sort())
    })

    it('is started from a program that is there', () => {
      const [program = ''] = service.command
      expect(service.command).toHaveLength(1)
      expect(existsSync(path.join(projectRoot, program.replace('dist/', '').replace(/\.js$/, '.ts')))).toBe(true)
    })

    it('is asked for its health where it listens', () => {
      expect(environment[`${name.toUpperCase()}_HOST`]).toBe('0.0.0.0')
      expect(service.healthcheck.test).toEqual(['CMD', 'node', 'scripts/check-health.mjs', port, '/ready'])
    })

    it('waits for the engines it uses', () => {
      const engines = ['DATABASE_URL', 'NATS_URL', 'REDIS_URL'].flatMap((variable) => {
        const address = environment[variable]
        return address === undefined ? [] : [new URL(address).hostname]
      })
      expect(Object.keys(service.depends_on)).toEqual(expect.arrayContaining(engines))
    })

    it('can change nothing on its disk and has no rights to lose', () => {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    })

    it('is given longer to stop than it takes at most', () => {
      expect(Number.parseInt(service.stop_grace_period ?? '')).toBeGreaterThan(30)
    })
  })

  it('tells the gateway and every service where the others listen', () => {
    const { environment } = serviceOf('gateway')
    const subgraphs = processNames.filter((name) => name !== 'gateway')
    const listening = subgraphs.map((name) => [name, `http://${name}:${portOf(name)}/graphql`])
    const { subgraphs: told } = readGatewayConfig(environment, [])
    expect([...told.urlOverrides].map(([name, url]) => [name, url.href])).toEqual(listening)
    for (const name of processNames) {
      expect(serviceOf(name).environment['JWKS_URL']).toBe(`http://auth:${portOf('auth')}/.well-known/jwks.json`)
    }
  })

  it('tells everybody where ends of tokens are told, as the house in one process does', () => {
    for (const name of processNames) {
      expect(tokenEndSources.parse(serviceOf(name).environment['TOKEN_ENDS'])).toEqual(tokenEnds)
    }
    const told = [sessionEnded, tokensEnded, keyRevoked].map(({ data }) => Object.keys(data.shape))
    tokenEnds.forEach(({ field }, index) => expect(told[index]).toContain(field))
  })

  it('lets only containers read the numbers of the gateway', () => {
    const { metrics } = readGatewayConfig(serviceOf('gateway').environment, [])
    expect(serviceOf('gateway').ports.join()).not.toContain(String(metrics?.port))
  })

  it('is closed as in production unless its .env says otherwise', () => {
    expect(readGatewayConfig(serviceOf('gateway').environment, []).explorers).toBe(false)
    const open = readComposeFile({ ...filled, NODE_ENV: 'development' }).services['gateway']
    expect(readGatewayConfig(open?.environment ?? {}, []).explorers).toBe(true)
  })
})

function missing(name: string): never {
  throw new Error(`docker-compose.yml has no service ${name}.`)
}

function portOf(name: string): string | undefined {
  return serviceOf(name).environment[`${name.toUpperCase()}_PORT`]
}

describe('the image', () => {
  const stages = read('Dockerfile').split(/^FROM /m)
  const last = stages.at(-1) ?? ''

  it('runs as nobody in particular, in production, on the Node that is asked for', () => {
    expect(last).toMatch(/^USER node$/m)
    expect(last).toMatch(/^ENV NODE_ENV=production$/m)
    expect(read('Dockerfile')).toMatch(/^ARG NODE_IMAGE=node:(2[0-9])-/m)
  })

  it('copies from the build what a process reads beside its code', () => {
    for (const folder of ['node_modules', 'schema', 'prisma', 'dist']) {
      expect(last).toMatch(new RegExp(`^COPY --from=build --chown=root:root /app/${folder} ./${folder}$`, 'm'))
    }
    expect(last).toMatch(/scripts\/check-health\.mjs \.\/scripts\/$/m)
  })

  it('is built from the sources alone: no secrets, no data, nothing that was made', () => {
    const lines = read('.dockerignore').split('\n')
    const rules = lines.filter((line) => line !== '' && !line.startsWith('#'))
    const letThrough = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))
    expect(rules[0]).toBe('*')
    expect(rules).toEqual(expect.arrayContaining(['**/generated', '**/*.test.ts']))
    const [, roots = ''] = /^const roots = \[(.*)\]$/m.exec(read('scripts/compile.mjs')) ?? []
    const compiled = [...roots.matchAll(/'(\w+)'/g)].map(([, root = '']) => root)
    expect(compiled).toContain('gateway')
    const needed = [
      ...compiled,
      'scripts',
      'prisma',
      'codegen.ts',
      'prisma.config.ts',
      'package.json',
      'package-lock.json',
    ]
    expect(letThrough).toEqual(expect.arrayContaining(needed))
    expect(letThrough).toEqual(letThrough.filter((name) => existsSync(path.join(projectRoot, name))))
    expect(letThrough.filter((name) => /^(\.env|\.data|\.git|node_modules|dist)/.test(name))).toEqual([])
  })
})
