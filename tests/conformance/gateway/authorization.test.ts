import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { defaultDocumentLimits } from '../../../gateway/operation/default-limits.js'
import { RecordingSink } from '../../../gateway/subscriptions/live/fixtures/recording-sink.js'
import { createGeneration } from '../../../gateway/supergraph/generation.js'
import { AppError } from '../../../platform/errors/app-error.js'
import { requestContextFromHeaders } from '../../../platform/log/request-context.js'
import { scriptedAuthorization, scriptedVerifier, type ScriptedClaims } from '../../support/scripted-principals.js'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'
import { guardedGraph } from './guarded-graph.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let gateway: TestGateway

const start = (options: TestGatewayOptions = {}) =>
  startTestGateway(graph.supergraph, { ...options, parts: { verifier: scriptedVerifier, ...options.parts } })

beforeAll(async () => {
  graph = await startTestSubgraphs(guardedGraph)
  gateway = await start({
    config: {
      authorization: { mode: 'filter', dryRun: false, policiesClaim: 'policies', acrLevels: ['low', 'high', 'top'] },
    },
  })
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})
beforeEach(() => ['records', 'visits'].forEach((name) => graph.subgraph(name).reset()))

/** Anonymous with null. Errors as `CODE path`. */
async function ask(query: string, claims: ScriptedClaims | null = null, from = gateway) {
  const headers = claims === null ? {} : scriptedAuthorization(claims)
  const { data, errors = [], status, extensions } = await from.ask(query, { headers })
  const told = errors.map(({ path, extensions: { code } }) => `${code} ${path?.join('.')}`)
  return { data, errors: told, status, extensions }
}

function asked(): string {
  return ['records', 'visits'].flatMap((name) => graph.subgraph(name).asked.map(({ query }) => query)).join(' ')
}

const seconds = () => Math.floor(Date.now() / 1000)

describe('@authenticated', () => {
  it('leaves a field out for a caller without a token, and lets it be for others', async () => {
    const query = '{ greeting patients { visits { day } } }'
    expect((await ask(query, {})).data).toMatchObject({ patients: [{ visits: [{ day: 'Monday' }] }, {}] })
    graph.subgraph('visits').reset()
    const { data, errors, status } = await ask(query)
    expect([data, status]).toEqual([null, 200])
    expect(errors).toEqual(['AUTH_TOKEN_INVALID patients.0.visits'])
    expect(graph.subgraph('visits').asked).toEqual([])
  })

  it.each([
    ['a type that fields return', '{ patient(id: "p1") { name insurance { number } } }', 'insurance'],
    ['a scalar', '{ patient(id: "p1") { name mood } }', 'mood'],
    ['an enum', '{ patient(id: "p1") { name blood } }', 'blood'],
  ])('on %s guards the fields of that type', async (_where, query, field) => {
    const anonymous = await ask(query)
    expect(anonymous).toMatchObject({
      data: { patient: { name: 'Ada', [field]: null } },
      errors: [`AUTH_TOKEN_INVALID patient.${field}`],
    })
    expect(asked()).not.toContain(field)
    expect((await ask(query, {})).errors).toEqual([])
  })

  it('lets the null of a non-null field rise as the specification says', async () => {
    expect(await ask('{ greeting staffOnly }')).toMatchObject({ data: null, errors: ['AUTH_TOKEN_INVALID staffOnly'] })
    expect(await ask('{ patient(id: "p1") { visits { day } } greeting }')).toMatchObject({
      data: { patient: null, greeting: 'Good day' },
      errors: ['AUTH_TOKEN_INVALID patient.visits'],
    })
  })

  it('asks nobody anything when nothing is left', async () => {
    await ask('{ staffOnly }')
    expect(asked()).toBe('')
  })
})

describe('@requiresScopes', () => {
  const query = '{ patient(id: "p1") { name history } }'

  it.each([
    ['patient:read', false],
    ['patient:read history:read', true],
    ['admin', true],
    ['', false],
  ])('with the scopes "%s" is met: %s (all of one list, any of the lists)', async (scope, isMet) => {
    const { data, errors } = await ask(query, { scope })
    expect(data).toEqual({ patient: isMet ? { name: 'Ada', history: 'measles' } : null })
    expect(errors).toEqual(isMet ? [] : ['AUTHZ_INSUFFICIENT_PERMISSIONS patient.history'])
    expect(asked().includes('history')).toBe(isMet)
  })

  it('tells a caller without a token to sign in', async () => {
    expect((await ask(query)).errors).toEqual(['AUTH_TOKEN_INVALID patient.history'])
  })

  it('on a type guards every field that returns it', async () => {
    expect(await ask('{ ledger { total } greeting }', {})).toMatchObject({
      data: { ledger: null, greeting: 'Good day' },
      errors: ['AUTHZ_INSUFFICIENT_PERMISSIONS ledger'],
    })
    expect((await ask('{ ledger { total } }', { scope: 'ledger:read' })).data).toEqual({ ledger: { total: 7 } })
  })

  it('is one of all that are applied', async () => {
    expect((await ask('{ patient(id: "p1") { strict } }', {})).data).toEqual({ patient: { strict: null } })
    expect((await ask('{ patient(id: "p1") { strict } }', { scope: 'admin' })).errors).toEqual([])
  })

  it('keeps a mutation from being run, and the others going', async () => {
    const { data, errors } = await ask('mutation { rename(id: "p1", name: "X") { name } ping }', {})
    expect(data).toEqual({ rename: null, ping: 'pong' })
    expect(errors).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS rename'])
    expect(asked()).not.toContain('rename')
  })
})

describe('@policy', () => {
  it.each([
    [['on-duty'], false],
    [['on-duty', 'vaccinated'], true],
    ['on-duty vaccinated', true],
    [['chief'], true],
    [undefined, false],
  ])('believes the token by default: %j', async (policies, isMet) => {
    const { data } = await ask('{ ward { beds } }', { policies })
    expect(data).toEqual({ ward: isMet ? { beds: 3 } : null })
  })

  it('asks a hook where there is one, once an operation, for the policies it names', async () => {
    const calls: (readonly string[])[] = []
    const hooked = await start({
      parts: {
        evaluatePolicies: async (names, { principal }) => {
          calls.push(names)
          if (principal === null) throw new AppError('AUTHZ_FORBIDDEN')
          return new Set(['chief'])
        },
      },
    })
    expect((await ask('{ ward { beds } again: ward { beds } }', {}, hooked)).errors).toEqual([])
    expect(await ask('{ ward { beds } }', null, hooked)).toMatchObject({ status: 403, data: undefined })
    expect((await ask('{ greeting }', null, hooked)).errors).toEqual([])
    expect(calls).toEqual([
      ['on-duty', 'vaccinated', 'chief'],
      ['on-duty', 'vaccinated', 'chief'],
    ])
    await hooked.close()
  })
})

describe('@requiresAcr', () => {
  it.each<[string, ScriptedClaims, boolean]>([
    ['a recent strong sign-in', { acr: 'high', auth_time: seconds() - 10 }, true],
    ['a stronger one', { acr: 'top', auth_time: seconds() - 10 }, true],
    ['a weaker one', { acr: 'low', auth_time: seconds() - 10 }, false],
    ['one of a kind nobody knows', { acr: 'odd', auth_time: seconds() - 10 }, false],
    ['an old one', { acr: 'high', auth_time: seconds() - 400 }, false],
    ['one without a time', { acr: 'high' }, false],
    ['none', {}, false],
  ])('after %s', async (_what, claims, isMet) => {
    const { data, errors } = await ask('{ vault greeting }', claims)
    expect(data).toEqual({ vault: isMet ? 'gold' : null, greeting: 'Good day' })
    expect(errors).toEqual(isMet ? [] : ['AUTH_STEP_UP_REQUIRED vault'])
  })

  it('says what to ask the sign-in for', async () => {
    const { errors } = await gateway.ask('{ vault }', { headers: scriptedAuthorization() })
    expect(errors?.[0]?.extensions['details']).toEqual([
      { field: 'acr_values', reason: 'high' },
      { field: 'max_age', reason: '300' },
    ])
  })

  it('does not send anybody to sign in again in vain', async () => {
    expect((await ask('{ vaultOfClerks }', {})).errors).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS vaultOfClerks'])
    expect((await ask('{ vaultOfClerks }', { scope: 'clerk' })).errors).toEqual(['AUTH_STEP_UP_REQUIRED vaultOfClerks'])
  })
})

describe('abstract types', () => {
  it('lose the fields of one member alone', async () => {
    const query = '{ things { ... on Bed { name place } ... on Drug { dose } } }'
    expect(await ask(query, {})).toMatchObject({ data: null, errors: ['AUTH_STEP_UP_REQUIRED things.1.dose'] })
    expect((await ask('{ things { ... on Bed { name } ...D } } fragment D on Drug { name note }', {})).data).toEqual({
      things: [{ name: 'Bed 1' }, { name: 'Aspirin', note: null }],
    })
  })

  it('do not lead around a rule of one implementation', async () => {
    expect((await ask('{ named { name note } }', {})).data).toEqual({ named: [{ name: 'Bed 1', note: null }] })
    expect((await ask('{ named { name ... on Bed { note } } }', {})).data).toEqual({
      named: [{ name: 'Bed 1', note: 'soft' }],
    })
    expect((await ask('{ named { note ... on Bed { note } } }', {})).data).toEqual({ named: [{ note: null }] })
  })
})

describe('an operation', () => {
  it('may leave guarded fields out', async () => {
    const query = 'query ($all: Boolean = false) { greeting staffOnly @include(if: $all) }'
    expect(await ask(query)).toMatchObject({ data: { greeting: 'Good day' }, errors: [] })
  })

  it('names its fields as it likes', async () => {
    const query = '{ a: patient(id: "p1") { h: strict __typename } b: patient(id: "p2") { n: name } }'
    expect(await ask(query)).toMatchObject({
      data: { a: { h: null, __typename: 'Patient' }, b: { n: 'Grace' } },
      errors: ['AUTH_TOKEN_INVALID a.h'],
    })
  })

  it('is introspected by everybody', async () => {
    expect((await ask('{ __type(name: "Ledger") { fields { name } } }')).data).toEqual({
      __type: { fields: [{ name: 'total' }] },
    })
  })

  it('is made once for all callers of one standing', async () => {
    const { access, documents, plans } = createGeneration(1, graph.supergraph, {
      urlOverrides: new Map(),
      limits: defaultDocumentLimits,
    })
    const operation = documents.select(documents.read('{ patient(id: "p1") { name strict } }'), undefined)
    const needs = access?.needsOf(operation)
    if (access === null || needs === null || needs === undefined) throw new Error('The operation has guarded fields.')
    const authorized = async (claims: ScriptedClaims) => {
      const principal = await scriptedVerifier.verify(scriptedAuthorization(claims)['authorization']?.slice(7) ?? '')
      const caller = { principal, authorization: null, address: null }
      return access.authorize(operation, needs, caller, { acrLevels: [], evaluatePolicies: async () => new Set() })
    }
    const [one, other, admin] = [
      await authorized({ scope: 'x' }),
      await authorized({ scope: 'y z' }),
      await authorized({ scope: 'admin' }),
    ]
    expect(other).toBe(one)
    expect(await plans.planFor(other)).toBe(await plans.planFor(one))
    expect(admin).toBe(operation)
    expect(access.needsOf(documents.select(documents.read('{ greeting }'), undefined))).toBeNull()
  })

  it('of a supergraph without rules is asked nothing', async () => {
    const shop = await startTestSubgraphs(shopGraph)
    expect(
      createGeneration(1, shop.supergraph, { urlOverrides: new Map(), limits: defaultDocumentLimits }).access,
    ).toBeNull()
    await shop.close()
  })
})

describe('a deferred part', () => {
  it.each([
    ['inline', '{ patient(id: "p1") { name ... @defer { insurance { number } strict } } }'],
    ['spread', '{ patient(id: "p1") { name ...F @defer } } fragment F on Patient { insurance { number } strict }'],
  ])('%s is withheld like any other', async (_where, query) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'multipart/mixed;deferSpec=20220824',
        ...scriptedAuthorization({}),
      },
      body: JSON.stringify({ query }),
    })
    const text = await response.text()
    expect(text).toContain('N-1')
    expect(text).toContain('AUTHZ_INSUFFICIENT_PERMISSIONS')
    expect(asked()).toContain('insurance')
    expect(asked()).not.toContain('strict')
    const anonymous = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed;deferSpec=20220824' },
      body: JSON.stringify({ query: query.replace('strict', 's: strict').replace('insurance', 'i: insurance') }),
    })
    const refused = await anonymous.text()
    expect(refused).toContain('AUTH_TOKEN_INVALID')
    expect(refused).not.toContain('N-1')
  })
})

describe('a subscription', () => {
  it.each([
    [null, ['AUTH_TOKEN_INVALID calls']],
    [{}, ['SUBSCRIPTION_SOURCE_UNAVAILABLE undefined']],
  ])('is checked before it begins: %j', async (claims, refusals) => {
    const principal = claims && (await scriptedVerifier.verify(Buffer.from('{}').toString('base64url')))
    const sink = new RecordingSink()
    gateway.running.openLive(
      {
        query: 'subscription { calls { text } }',
        operationName: undefined,
        variables: {},
        caller: { principal, authorization: null, address: null },
        ids: requestContextFromHeaders({}),
        signal: new AbortController().signal,
        cursor: null,
      },
      sink,
    )
    await until(() => sink.lastWord !== null)
    expect(sink.errors.map(({ path, extensions }) => `${String(extensions?.['code'])} ${path?.join('.')}`)).toEqual(
      refusals,
    )
  })
})

describe('configuration', () => {
  const authorization = { mode: 'filter', dryRun: false, policiesClaim: 'groups', acrLevels: [] } as const
  const query = '{ greeting patients { strict insurance { number } } }'

  it('may have operations refused whole, with every path', async () => {
    const strict = await start({ config: { authorization: { ...authorization, mode: 'reject' } } })
    expect(await ask(query, null, strict)).toMatchObject({
      status: 401,
      data: undefined,
      errors: ['AUTH_TOKEN_INVALID patients.strict', 'AUTH_TOKEN_INVALID patients.insurance'],
    })
    expect((await ask(query, {}, strict)).status).toBe(403)
    expect((await ask(query, { scope: 'admin' }, strict)).errors).toEqual([])
    expect((await ask('{ ward { beds } }', { groups: ['chief'] }, strict)).errors).toEqual([])
    await strict.close()
  })

  it('may have the errors told only', async () => {
    const dry = await start({ config: { authorization: { ...authorization, mode: 'reject', dryRun: true } } })
    const { data, errors, extensions } = await ask(query, null, dry)
    expect(data).toMatchObject({ patients: [{ strict: 'strict', insurance: { number: 'N-1' } }, {}] })
    expect(errors).toEqual([])
    expect(extensions).toMatchObject({
      authorization: {
        dryRun: true,
        errors: [
          { path: ['patients', 'strict'], extensions: { code: 'AUTH_TOKEN_INVALID' } },
          { path: ['patients', 'insurance'], extensions: { code: 'AUTH_TOKEN_INVALID' } },
        ],
      },
    })
    await dry.close()
  })
})

describe('@sensitive', () => {
  const get = (query: string, variables = {}) =>
    fetch(
      `${gateway.url}?query=${encodeURIComponent(query)}&variables=${encodeURIComponent(JSON.stringify(variables))}`,
    )

  it.each([
    ['a field', '{ diary }'],
    ['an argument', '{ login(pin: "1234") }'],
    ['a field of an argument', 'query ($form: Form) { file(form: $form) }'],
  ])('keeps %s out of addresses', async (_what, query) => {
    const answer = await get(query, { form: { page: { text: 'secret' } } })
    expect(answer.status).toBe(405)
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'REQUEST_METHOD_NOT_ALLOWED' } }] })
    expect((await ask(query)).errors).toEqual([])
  })

  it('minds nothing else', async () => {
    expect((await get('{ login file greeting }')).status).toBe(200)
    expect(JSON.stringify(gateway.log)).not.toContain('1234')
  })
})
