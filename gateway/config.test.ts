import { describe, expect, it } from '@jest/globals'
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

  it('knows its flags', () => {
    expect(faultsOf({}, ['--prot', '1']).join()).toContain('--supergraph FILE, --port N')
  })
})
