import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { StartupError } from '../../../platform/errors/startup-error.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createTestIssuer } from '../../support/test-tokens.js'
import { until } from '../../support/until.js'

const link = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective", "@authenticated", "@requiresScopes", "@policy"])
    @link(url: "https://house.example/specs/requiresAcr/v1.0", import: ["@requiresAcr"])
    @link(url: "https://house.example/specs/sensitive/v1.0", import: ["@sensitive"])
    @composeDirective(name: "@requiresAcr") @composeDirective(name: "@sensitive")
  directive @requiresAcr(acr: String!, maxAgeSeconds: Int) repeatable on FIELD_DEFINITION
  directive @sensitive on FIELD_DEFINITION
`
const production = { NODE_ENV: 'production' }
let open: TestGraph
const graphs: TestGraph[] = []
const gateways: TestGateway[] = []

async function compose(fields: string): Promise<TestGraph> {
  const graph = await startTestSubgraphs({ things: { typeDefs: `${link} type Query { plain: Int ${fields} }` } })
  graphs.push(graph)
  return graph
}

async function start(...args: Parameters<typeof startTestGateway>): Promise<TestGateway> {
  const gateway = await startTestGateway(...args)
  gateways.push(gateway)
  return gateway
}

beforeAll(async () => void (open = await compose('secret: Int @sensitive')))
afterAll(async () => {
  for (const gateway of gateways) await gateway.close()
  for (const graph of graphs) await graph.close()
})

describe('a gateway in production without keys for tokens', () => {
  it.each([
    ['@authenticated', 'guarded: Int @authenticated'],
    ['@requiresScopes', 'guarded: Int @requiresScopes(scopes: [["a"]])'],
    ['@policy', 'guarded: Int @policy(policies: [["p"]])'],
    ['@requiresAcr', 'guarded: Int @requiresAcr(acr: "high")'],
  ])('does not start on a supergraph that uses %s, and says what to set', async (directive, fields) => {
    const { supergraph } = await compose(fields)
    const starting = start(supergraph, { environment: production })
    await expect(starting).rejects.toThrow(StartupError)
    await expect(starting).rejects.toThrow(
      `The supergraph guards fields with ${directive}, and there are no keys to verify access tokens with: set JWKS_URL, TOKEN_ISSUER and TOKEN_AUDIENCE, or identity in the configuration file.`,
    )
  })

  it('serves a supergraph without them', async () => {
    const gateway = await start(open.supergraph, { environment: production })
    expect((await gateway.ask('{ plain }')).data).toEqual({ plain: null })
  })

  it('keeps the supergraph in use when a new one has them', async () => {
    const gateway = await start(open.supergraph, { environment: production })
    await gateway.replaceSupergraph((await compose('guarded: Int @authenticated')).supergraph)
    await until(() => gateway.log.some((line) => line.includes('the one in use stays')))
    expect(gateway.log.join()).toContain('set JWKS_URL')
    expect((await gateway.ask('{ plain secret }')).data).toEqual({ plain: null, secret: null })
  })
})

describe('a gateway that is to hear of ended tokens', () => {
  it('does not start without a bus that could tell, and says what to set', async () => {
    const starting = start(open.supergraph, { environment: { TOKEN_ENDS: 'events.session.ended sessionId=sid' } })
    await expect(starting).rejects.toThrow(StartupError)
    await expect(starting).rejects.toThrow(/events\.session\.ended .* set NATS_URL/)
  })
})

describe('a supergraph with access directives', () => {
  it('is served in production with keys, and in development without', async () => {
    const { supergraph } = await compose('guarded: Int @authenticated')
    const { verifier } = await createTestIssuer()
    const known = await start(supergraph, { environment: production, parts: { verifier } })
    const developing = await start(supergraph)
    for (const gateway of [known, developing]) {
      const { data, errors } = await gateway.ask('{ plain guarded }')
      expect(data).toEqual({ plain: null, guarded: null })
      expect(errors?.[0]?.extensions.code).toBe('AUTH_TOKEN_INVALID')
    }
  })

  it('that asks for levels of sign-in which have no order is served with a warning that names them', async () => {
    const { supergraph } = await compose('low: Int @requiresAcr(acr: "low") high: Int @requiresAcr(acr: "high")')
    const unordered = await start(supergraph, { environment: { GATEWAY_ACR_LEVELS: 'low' } })
    const ordered = await start(supergraph, { environment: { GATEWAY_ACR_LEVELS: 'low,high' } })
    const warnings = ({ log }: TestGateway) => log.filter((line) => line.includes('no place in acrLevels'))
    expect(warnings(unordered)).toEqual([expect.stringContaining('"levels":["high"]')])
    expect(warnings(ordered)).toEqual([])
  })
})
