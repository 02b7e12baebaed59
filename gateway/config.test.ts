import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { ConfigError } from '../platform/config/read-config.js'
import { readGatewayConfig } from './config.js'

function faultsOf(environment: Record<string, string>, args: string[] = []): readonly string[] {
  try {
    readGatewayConfig(environment, args)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe("the gateway's configuration", () => {
  it('needs nothing', () => {
    expect(readGatewayConfig({}, [])).toMatchObject({
      port: 8080,
      supergraphFile: expect.stringMatching(/schema\/supergraph\.graphql$/),
      identity: null,
      natsUrl: null,
      explorers: true,
      subgraphs: { timeoutMs: 10_000 },
      limits: { introspection: true, suggestions: true },
    })
  })

  it('takes flags before the environment', () => {
    const config = readGatewayConfig({ GATEWAY_PORT: '1', GATEWAY_SUPERGRAPH: '/a' }, [
      '--port',
      '2',
      '--supergraph',
      '/b',
    ])
    expect([config.port, config.supergraphFile]).toEqual([2, '/b'])
  })

  it('closes in production what is open in development, unless told otherwise', () => {
    const closed = readGatewayConfig({ NODE_ENV: 'production', GATEWAY_CORS_ORIGINS: 'https://a.example' }, [])
    expect(closed).toMatchObject({
      explorers: false,
      limits: { introspection: false, suggestions: false },
      corsOrigins: ['https://a.example'],
    })
    expect(readGatewayConfig({ NODE_ENV: 'production', GATEWAY_INTROSPECTION: 'true' }, []).limits.introspection).toBe(
      true,
    )
    expect(readGatewayConfig({}, []).corsOrigins).toEqual(['https://studio.apollographql.com'])
  })

  it('reads addresses of subgraphs', () => {
    const { urlOverrides } = readGatewayConfig(
      { GATEWAY_SUBGRAPH_URLS: 'a=http://a:1/graphql?x=1, b=https://b' },
      [],
    ).subgraphs
    expect([...urlOverrides].map(([name, url]) => `${name} ${url.href}`)).toEqual([
      'a http://a:1/graphql?x=1',
      'b https://b/',
    ])
  })

  it('tells every fault at once, and no values', () => {
    const faults = faultsOf({
      GATEWAY_PORT: 'secret',
      GATEWAY_CORS_ORIGINS: 'nonsense',
      GATEWAY_SUBGRAPH_URLS: 'a',
      JWKS_URL: 'x',
    })
    const named = new Set(faults.map((fault) => fault.split(/[:.]/)[0]))
    expect(named).toEqual(new Set(['GATEWAY_PORT', 'GATEWAY_CORS_ORIGINS', 'GATEWAY_SUBGRAPH_URLS', 'JWKS_URL']))
    expect(faults.join()).not.toContain('secret')
  })

  it('wants an issuer and an audience with a key set', () => {
    expect(faultsOf({ JWKS_URL: 'https://auth/jwks' })).toEqual([
      'TOKEN_ISSUER, TOKEN_AUDIENCE: needed together with JWKS_URL',
    ])
  })

  it('reads keys of cursors, and refuses what is no key without repeating it', () => {
    const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(48, 2)]
    const keys = `${fresh.toString('base64')}, ${old.toString('base64')}`
    expect(readGatewayConfig({ GATEWAY_CURSOR_KEYS: keys }, []).subscriptions.cursorKeys).toEqual([fresh, old])
    expect(readGatewayConfig({}, []).subscriptions.cursorKeys).toBeNull()
    for (const refused of [Buffer.alloc(31).toString('base64'), `${keys},`, 'not+base64?', `${keys}=`]) {
      const faults = faultsOf({ GATEWAY_CURSOR_KEYS: refused })
      expect(faults).toEqual([expect.stringContaining('openssl rand -base64 32')])
      expect(faults.join()).not.toContain(refused)
    }
  })

  it('reads where the bus tells that tokens end', () => {
    const session = { subject: 'events.session.ended', field: 'sessionId', claim: 'sid' }
    const person = { subject: 'events.tokens.ended', field: 'holderId', claim: 'sub' }
    const both = 'events.session.ended sessionId=sid, events.tokens.ended holderId=sub'
    expect(readGatewayConfig({ TOKEN_ENDS: both }, []).tokenEnds).toEqual([session, person])
    expect(readGatewayConfig({}, []).tokenEnds).toEqual([])
    for (const refused of [
      'events.session.ended',
      'events.> sessionId=sid',
      'sessions.ended sessionId=sid',
      `${both},`,
    ]) {
      expect(faultsOf({ TOKEN_ENDS: refused })).toEqual([expect.stringContaining('TOKEN_ENDS')])
    }
  })

  it('reads the order of levels of sign-in, from the environment before the file', () => {
    expect(readGatewayConfig({}, []).authorization.acrLevels).toEqual([])
    expect(readGatewayConfig({ GATEWAY_ACR_LEVELS: 'aal1, aal2' }, []).authorization.acrLevels).toEqual([
      'aal1',
      'aal2',
    ])
    expect(faultsOf({ GATEWAY_ACR_LEVELS: 'aal1,aal1' })).toEqual([expect.stringContaining('weakest first')])
  })

  it('tells numbers only where it is told to, and only to this machine unless told otherwise', () => {
    expect(readGatewayConfig({}, []).metrics).toBeNull()
    expect(readGatewayConfig({ GATEWAY_METRICS_PORT: '9464' }, []).metrics).toEqual({ host: '127.0.0.1', port: 9464 })
  })

  it('knows its flags', () => {
    expect(faultsOf({}, ['--prot', '1']).join()).toContain('--config FILE, --supergraph FILE, --port N')
  })

  describe('in a file', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gateway-config-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const write = (text: string, name = 'gateway.yaml') => {
      writeFileSync(path.join(folder, name), text)
      return ['--config', path.join(folder, name)]
    }
    const yaml = `
      supergraph: graphs/shop.graphql
      port: 4000
      cors: { origins: [https://a.example] }
      headers: { forward: [x-tenant] }
      limits: { maxDepth: 7, maxFields: 70 }
      authorization: { mode: reject, acrLevels: [low, high] }
      demand: { mode: enforce, maxCost: 99 }
      planning: { timeoutMs: 700 }
      subgraphs:
        timeoutMs: 500
        byName:
          ai: { url: http://ai:1/graphql, timeoutMs: 60000, subscriptions: { protocol: sse, url: https://ai:2/stream } }
          chat: { subscriptions: {} }
      overrides: { labels: [new] }
      subscriptions:
        drainMs: 9000
        limits: { maxSockets: 5 }
      metrics: { port: 9464, host: 0.0.0.0 }
      identity: { jwksUrl: http://auth/jwks, issuer: i, audience: a }
      tokenEnds: [{ subject: events.session.ended, field: id, claim: sid }]
    `

    it('holds everything', () => {
      expect(readGatewayConfig({}, write(yaml))).toMatchObject({
        supergraphFile: path.join(folder, 'graphs/shop.graphql'),
        port: 4000,
        corsOrigins: ['https://a.example', 'https://studio.apollographql.com'],
        forwardHeaders: ['x-tenant'],
        limits: { maxDepth: 7, maxFields: 70, maxAliases: 100 },
        authorization: { mode: 'reject', dryRun: false, acrLevels: ['low', 'high'] },
        demand: { mode: 'enforce', maxCost: 99, assumedListSize: 10 },
        planning: { timeoutMs: 700 },
        subgraphs: {
          timeoutMs: 500,
          timeouts: new Map([['ai', 60_000]]),
          urlOverrides: new Map([['ai', new URL('http://ai:1/graphql')]]),
          subscriptions: new Map([
            ['ai', { protocol: 'sse', url: new URL('https://ai:2/stream') }],
            ['chat', { protocol: 'ws', url: null }],
          ]),
        },
        overrides: { labels: ['new'] },
        subscriptions: {
          drainMs: 9_000,
          limits: { maxSockets: 5, maxStreams: 20_000 },
        },
        metrics: { port: 9464, host: '0.0.0.0' },
        identity: { issuer: 'i', audience: 'a' },
        tokenEnds: [{ subject: 'events.session.ended', field: 'id', claim: 'sid' }],
      })
    })

    it('may be JSON, empty, or absent', () => {
      expect(readGatewayConfig({}, write('{"port": 4001}', 'gateway.json')).port).toBe(4001)
      expect(readGatewayConfig({}, write(''))).toEqual(readGatewayConfig({}, []))
    })

    it('gives way to the environment, which gives way to flags', () => {
      const args = write(yaml)
      expect(readGatewayConfig({ GATEWAY_PORT: '1', GATEWAY_MAX_DEPTH: '' }, args)).toMatchObject({
        port: 1,
        limits: { maxDepth: 7 },
      })
      expect(readGatewayConfig({ GATEWAY_PORT: '1' }, [...args, '--port', '2']).port).toBe(2)
    })

    it('is refused with every fault, by its place', () => {
      const faults = faultsOf(
        {},
        write('prot: 1\nlimits: { maxDepth: 0, maxDept: 3 }\nheaders: { forward: [content-length] }'),
      )
      expect(faults.map((fault) => fault.replace(`${folder}/gateway.yaml: `, ''))).toEqual([
        'headers.forward.0: is set by the gateway itself',
        'limits.maxDepth: Too small: expected number to be >0',
        'limits: Unrecognized key: "maxDept"',
        'Unrecognized key: "prot"',
      ])
      expect(faultsOf({}, write('a: [')).join()).toContain("can't be read")
      expect(faultsOf({}, ['--config', '/nowhere']).join()).toContain("can't be read")
    })
  })
})
