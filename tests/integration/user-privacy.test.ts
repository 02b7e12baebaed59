import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { createEventRow } from '../../platform/bus/event-row.js'
import { userErasureAcknowledged } from '../../schema/contracts/user-erasure-acknowledged.js'
import { userErasureRequested } from '../../schema/contracts/user-erasure-requested.js'
import { userRegistered } from '../../schema/contracts/user-registered.js'
import { openUserService } from '../../subgraphs/user/service.js'
import { codes } from '../support/start-people.js'
import { startSubgraph, type StartedSubgraph } from '../support/start-subgraph.js'
import { until } from '../support/until.js'
import { userConfig } from '../support/user-config.js'

const GRACE_MS = 3_600_000
const ASK_AGAIN_MS = 60_000
const CONSENT = 'kind given isCurrent currentVersion history { version given }'
const GIVE = `mutation ($version: String!) { giveConsent(kind: BIOMETRIC, version: $version) { ${CONSENT} } }`
const WITHDRAW = `mutation { withdrawConsent(kind: BIOMETRIC) { ${CONSENT} } }`
const ERASE = 'mutation { eraseMyAccount { receipt erasure { id state percent } } }'
const READ =
  'query ($id: ID!, $receipt: String!) { erasure(id: $id, receipt: $receipt) { state erasedFrom { service } } }'

let aheadMs = 0
let subgraph: StartedSubgraph
let database: pg.Pool

const privacy = { ...userConfig.privacy, erasureGraceMs: GRACE_MS, askAgainMs: ASK_AGAIN_MS, sweepEveryMs: 20 }

beforeAll(async () => {
  subgraph = await startSubgraph({
    open: (engines) => openUserService({ ...userConfig, privacy }, engines, () => new Date(Date.now() + aheadMs)),
  })
  database = new pg.Pool({ connectionString: subgraph.engines.databaseUrl, max: 1 })
}, 60_000)
afterAll(async () => {
  await database?.end()
  await subgraph?.close()
})

async function person(authenticatedAt = new Date()) {
  const userId = crypto.randomUUID()
  const token = await subgraph.issuer.token({ userId, authenticatedAt })
  return { userId, ask: (query: string, variables = {}) => subgraph.ask(query, variables, token) }
}

const receiptOf = (data: unknown) =>
  z
    .object({ eraseMyAccount: z.object({ receipt: z.string(), erasure: z.object({ id: z.string() }) }) })
    .transform(({ eraseMyAccount: { receipt, erasure } }) => ({ receipt, id: erasure.id }))
    .parse(data)

/** What services were asked so far, in order. */
async function asked(erasureId: string): Promise<string[][]> {
  const { bus } = subgraph.engines
  await until(async () => (await database.query('SELECT 1 FROM "user".outbox_events')).rowCount === 0, 20_000)
  const follower = await bus.follow(userErasureRequested.filter, 'all')
  const requests: string[][] = []
  let left = follower.backlog
  if (left === 0) {
    await follower.close()
    return requests
  }
  for await (const { envelope } of follower) {
    const data = userErasureRequested.data.parse(envelope.data)
    if (data.erasureId === erasureId) requests.push(data.services)
    left -= 1
    if (left === 0) break
  }
  return requests
}

/** A service answers, once or, as after a lost acknowledgement, twice. */
async function answer(erasureId: string, service: string, times = 1): Promise<void> {
  const { subject, envelope } = createEventRow(userErasureAcknowledged, { erasureId, service, rows: 1 })
  for (let time = 0; time < times; time += 1) {
    await subgraph.engines.bus.publish(subject, { ...envelope, id: crypto.randomUUID() })
  }
}

describe('a consent', () => {
  it('is given to the present version alone, and keeps its history', async () => {
    const { ask } = await person()
    expect(codes(await ask(GIVE, { version: '0' }))).toEqual(['RES_CONFLICT'])
    expect((await ask(GIVE, { version: '1' })).data?.['giveConsent']).toMatchObject({ given: true, isCurrent: true })
    await ask(GIVE, { version: '1' })
    expect((await ask(WITHDRAW)).data?.['withdrawConsent']).toEqual({
      kind: 'BIOMETRIC',
      given: false,
      isCurrent: false,
      currentVersion: '1',
      history: [
        { version: '1', given: false },
        { version: '1', given: true },
      ],
    })
  })

  it('is listed of every kind, given or not', async () => {
    const { ask } = await person()
    const { data } = await ask('{ consents { kind given } }')
    expect(data?.['consents']).toEqual(
      ['BIOMETRIC', 'AI', 'ANALYTICS', 'MARKETING'].map((kind) => ({ kind, given: false })),
    )
  })
})

describe('an erasure with a time of grace', () => {
  it('needs a sign-in of the last minutes', async () => {
    const { ask } = await person(new Date(Date.now() - 600_000))
    expect(codes(await ask(ERASE))).toEqual(['AUTH_STEP_UP_REQUIRED'])
  })

  it('can be cancelled, and asked for again', async () => {
    const { ask } = await person()
    const receipt = receiptOf((await ask(ERASE)).data)
    expect(codes(await ask(ERASE))).toEqual(['RES_CONFLICT'])
    expect(await asked(receipt.id)).toEqual([])
    expect((await ask('mutation { cancelMyErasure { state } }')).data).toEqual({
      cancelMyErasure: { state: 'CANCELLED' },
    })
    expect(codes(await ask('mutation { cancelMyErasure { state } }'))).toEqual(['RES_NOT_FOUND'])
    expect((await subgraph.ask(READ, receipt)).data).toEqual({ erasure: { state: 'CANCELLED', erasedFrom: [] } })
    expect(codes(await ask(ERASE))).toEqual([])
  })

  it('begins when its time has come, asks again whoever did not answer, auth last, and counts an answer once', async () => {
    const { userId, ask } = await person()
    const receipt = receiptOf((await ask(ERASE)).data)
    aheadMs += GRACE_MS + 1_000
    await until(async () => (await asked(receipt.id)).length === 1, 20_000)
    await answer(receipt.id, 'biometric', 2)
    await answer(receipt.id, 'content')
    const statesOf = async () => JSON.stringify((await subgraph.ask(READ, receipt)).data)
    await until(async () => /biometric.*content|content.*biometric/.test(await statesOf()), 20_000)
    aheadMs += ASK_AGAIN_MS + 1_000
    await until(async () => (await asked(receipt.id)).length >= 2, 20_000)
    const requests = await asked(receipt.id)
    expect(requests[0]).toEqual(['biometric', 'content', 'ai', 'user'])
    expect(requests.slice(1).flat()).toContain('ai')
    expect(requests.slice(1).flat()).not.toContain('content')
    expect(requests.flat()).not.toContain('auth')

    await answer(receipt.id, 'ai')
    await until(async () => (await asked(receipt.id)).flat().includes('auth'), 20_000)
    expect(await statesOf()).toContain('ERASING')
    await answer(receipt.id, 'auth', 2)
    await until(async () => (await statesOf()).includes('COMPLETED'), 20_000)
    expect((await database.query('SELECT 1 FROM "user".erasures WHERE user_id = $1', [userId])).rowCount).toBe(0)
  }, 60_000)
})

describe('somebody who was erased', () => {
  it('is not brought back by news that come late, or by their own token', async () => {
    const { userId, ask } = await person()
    await ask('{ me { id } }')
    const data = { erasureId: crypto.randomUUID(), userId, services: ['user'] }
    const request = createEventRow(userErasureRequested, data)
    await subgraph.engines.bus.publish(request.subject, request.envelope)
    const handled = 'SELECT 1 FROM "user".inbox_events WHERE event_id = $1'
    await until(async () => (await database.query(handled, [request.id])).rowCount === 1, 20_000)

    const late = createEventRow(userRegistered, { userId, displayName: 'Ghost' })
    await subgraph.engines.bus.publish(late.subject, late.envelope)
    await until(async () => (await database.query(handled, [late.id])).rowCount === 1, 20_000)
    expect(codes(await ask('mutation { updateProfile(input: { displayName: "Ghost" }) { id } }'))).toEqual([
      'RES_ALREADY_DELETED',
    ])
    expect(codes(await ask(GIVE, { version: '1' }))).toEqual(['RES_ALREADY_DELETED'])
    const profiles = await database.query('SELECT 1 FROM "user".profiles WHERE user_id = $1', [userId])
    expect(profiles.rowCount).toBe(0)
  })
})
