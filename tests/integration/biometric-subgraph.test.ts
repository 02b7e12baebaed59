import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { BusUnavailableError } from '../../platform/bus/bus.js'
import {
  CANCEL,
  codesOf,
  ENROL,
  fieldsOf,
  MODEL,
  READ,
  START,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import { createTestIssuer } from '../support/test-tokens.js'

const RECORD = 'query ($id: ID!) { biometricRecord(id: $id) { id type isActive } }'
const LIST = `query ($first: Int, $after: String, $type: BiometricType) {
  biometricRecords(first: $first, after: $after, type: $type) {
    edges { cursor node { id } } pageInfo { hasNextPage endCursor }
  }
}`
const DEACTIVATE = 'mutation ($id: ID!) { deactivateBiometric(id: $id) { id isActive } }'
const DELETE = 'mutation ($id: ID!) { deleteBiometric(id: $id) }'
const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on BiometricRecord { id type }
    ... on VerificationSession { id state record { id } }
    ... on User { id biometricRecords { id } }
  }
}`

let biometric: StartedBiometric
let busIsAway = false

beforeAll(async () => {
  biometric = await startBiometric({
    seed: 19,
    wrapBus: (bus) => ({
      ...bus,
      publish: (...given) => (busIsAway ? Promise.reject(new BusUnavailableError()) : bus.publish(...given)),
    }),
  })
})

afterAll(() => biometric.close())

const inputOf = (person: Person, more: Record<string, unknown> = {}) => ({
  input: { type: 'FACE', embedding: person.face.sample(), modelVersion: MODEL, ...more },
})

async function storedCount(person: Person): Promise<number | null> {
  const { rowCount } = await biometric.database.query('SELECT 1 FROM biometric.biometric_records WHERE user_id = $1', [
    person.userId,
  ])
  return rowCount
}

const pageShape = z.object({
  edges: z.array(z.object({ cursor: z.string(), node: z.object({ id: z.string() }) })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
})
const page = async (person: Person, variables: Record<string, unknown>) =>
  pageShape.parse((await person.ask(LIST, variables)).data?.['biometricRecords'])

describe('enrolling a face', () => {
  it('gives an active record with its quality, and tells the other services', async () => {
    const person = await biometric.person()
    const record = await person.enrol()
    expect(record).toMatchObject({ type: 'FACE', modelVersion: MODEL, isActive: true, lastUsedAt: null })
    expect(record['user']).toEqual({ id: person.userId })
    expect(record.qualityScore).toBeGreaterThan(60)
    expect(record.qualityScore).toBeLessThanOrEqual(100)
    const event = { recordId: record.id, userId: person.userId, type: 'FACE' }
    expect(await biometric.events('events.biometric.enrolled')).toContainEqual(event)
  })

  it('is refused beyond ten active records, however many come at once, until one is out of use', async () => {
    const person = await biometric.person()
    const answers = await Promise.all(Array.from({ length: 12 }, () => person.ask(ENROL, inputOf(person))))
    const refused = answers.filter(({ errors }) => errors.length > 0)
    expect(refused.map(codesOf)).toEqual([['RES_CONFLICT'], ['RES_CONFLICT']])
    expect(refused[0]?.errors[0]?.message).toMatch(/10 active records.*deactivate or delete one/)
    expect(await storedCount(person)).toBe(10)
    const [{ node } = { node: { id: '' } }] = (await page(person, {})).edges
    await person.ask(DEACTIVATE, { id: node.id })
    await person.enrol()
    expect(codesOf(await person.ask(ENROL, inputOf(person)))).toEqual(['RES_CONFLICT'])
  })

  it('refuses MULTI by its type: it is what several others together are', async () => {
    const person = await biometric.person()
    const answer = await person.ask(ENROL, inputOf(person, { type: 'MULTI', embedding: [0.5, 0.5] }))
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.type']])
    expect(await storedCount(person)).toBe(0)
  })

  it.each([
    ['511 numbers', (face: number[]) => face.slice(1), 'exactly 512 numbers'],
    ['513 numbers', (face: number[]) => [...face, 0], 'exactly 512 numbers'],
    ['no numbers', () => [], 'exactly 512 numbers'],
    ['only zeros', (face: number[]) => face.map(() => 0), 'all zero'],
    ['next to nothing', (face: number[]) => face.map((number) => number * 1e-200), 'too close to zero'],
    ['a number beyond reason', (face: number[]) => [...face.slice(1), -1e308], 'number 511'],
    ['a weak signal', (face: number[]) => face.map((number) => number * 0.3), 'come closer'],
    ['one number that drowns the rest', (face: number[]) => [3, ...face.slice(1)], 'without glare'],
    ['the same number throughout', (face: number[]) => face.map(() => 0.25), 'check the capture device'],
  ])('refuses %s, says why, and stores nothing', async (_what, spoil, reason) => {
    const person = await biometric.person()
    const answer = await person.ask(ENROL, inputOf(person, { embedding: spoil(person.face.sample()) }))
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.embedding']])
    expect(answer.errors[0]?.extensions.details?.[0]?.reason).toContain(reason)
    expect(await storedCount(person)).toBe(0)
  })

  it.each([
    ['text among the numbers', { embedding: ['x'] }],
    ['null among the numbers', { embedding: [null] }],
    ['text in place of numbers', { embedding: 'AAAA' }],
    ['an unknown type', { type: 'GAIT' }],
    ['an unknown field', { userId: crypto.randomUUID() }],
    ['no model', { modelVersion: undefined }],
  ])('refuses %s before anything is looked at', async (_what, more) => {
    const person = await biometric.person()
    expect(codesOf(await person.ask(ENROL, inputOf(person, more)))).toEqual(['BAD_USER_INPUT'])
  })

  it.each([
    ['an empty name', '   ', 'VAL_FIELD_TOO_SHORT'],
    ['a name that is too long', 'm'.repeat(65), 'VAL_FIELD_TOO_LONG'],
    ['a name with control characters', 'a\u0000b', 'VAL_INVALID_FORMAT'],
  ])('refuses %s for a model', async (_what, modelVersion, code) => {
    const person = await biometric.person()
    const answer = await person.ask(ENROL, inputOf(person, { modelVersion }))
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([[code], ['input.modelVersion']])
  })
})

describe('who may', () => {
  it('needs an access token that is genuine, current and has the permission', async () => {
    const person = await biometric.person()
    const { ask, issuer } = biometric.subgraph
    const forged = await (await createTestIssuer()).token()
    const expired = await issuer.token({ expiresInSeconds: -6 })
    expect(codesOf(await ask(ENROL, inputOf(person)))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codesOf(await ask(ENROL, inputOf(person), forged))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codesOf(await ask(ENROL, inputOf(person), expired))).toEqual(['AUTH_TOKEN_EXPIRED'])
  })

  it.each([
    ['biometric:enroll', ENROL, { type: 'FACE', embedding: [], modelVersion: MODEL }],
    ['biometric:read', LIST, {}],
    ['biometric:read', RECORD, {}],
    ['biometric:delete', DELETE, {}],
    ['biometric:delete', DEACTIVATE, {}],
    ['biometric:verify', 'mutation ($id: ID!) { startVerification(input: { recordId: $id }) { id } }', {}],
    ['biometric:verify', 'mutation ($id: ID!) { cancelVerification(id: $id) { id } }', {}],
  ])('needs %s', async (permission, operation, input) => {
    const all = ['biometric:enroll', 'biometric:read', 'biometric:delete', 'biometric:verify']
    const person = await biometric.person({ scopes: all.filter((scope) => scope !== permission) })
    const answer = await person.ask(operation, { input, id: crypto.randomUUID() })
    expect(codesOf(answer)).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
  })
})

describe('enrolling and deleting', () => {
  it('take a sign-in of the last five minutes: a token that was stolen later does neither', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const stale = await person.elsewhere({ authenticatedAt: new Date(Date.now() - 301_000) })
    for (const answer of [await stale.ask(ENROL, inputOf(person)), await stale.ask(DELETE, { id })]) {
      expect(codesOf(answer)).toEqual(['AUTH_STEP_UP_REQUIRED'])
      expect(fieldsOf(answer)).toEqual(['acr_values', 'max_age'])
    }
    expect(await storedCount(person)).toBe(1)
    expect((await person.ask(DELETE, { id })).errors).toEqual([])
  })
})

describe('records', () => {
  it('are listed newest first, page by page, one’s own only', async () => {
    const [person, other] = [await biometric.person(), await biometric.person()]
    const enrolled: string[] = []
    for (let index = 0; index < 5; index += 1) {
      enrolled.unshift((await person.enrol()).id)
      biometric.pass(1)
    }
    await other.enrol()
    const listed: string[] = []
    let after: string | null = null
    do {
      const { edges, pageInfo }: z.infer<typeof pageShape> = await page(person, { first: 2, after })
      listed.push(...edges.map(({ node }) => node.id))
      expect(pageInfo.hasNextPage).toBe(listed.length < 5)
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after !== null)
    expect(listed).toEqual(enrolled)
    expect((await page(person, { type: 'FACE' })).edges).toHaveLength(5)
    expect((await page(person, { type: 'VOICE' })).edges).toEqual([])
  })

  it.each([{ first: 0 }, { first: 101 }, { after: 'no cursor' }, { after: 'WzEsMl0' }])('refuses %p', async (given) => {
    const person = await biometric.person()
    expect(codesOf(await person.ask(LIST, given))[0]).toMatch(/^VAL_/)
  })

  it.each([
    ['before the first year', ['0000-01-01T00:00:00Z', '00000000-0000-0000-0000-000000000000']],
    ['before 1970', [-1, '00000000-0000-0000-0000-000000000000']],
    ['after the year 9999', [253_402_300_800_000, '00000000-0000-0000-0000-000000000000']],
  ])('refuse a cursor %s', async (_when, key) => {
    const person = await biometric.person()
    const after = Buffer.from(JSON.stringify(key)).toString('base64url')
    const [code] = codesOf(await person.ask(LIST, { after }))
    expect(code).toMatch(/^VAL_/)
  })

  it('of others are answered like missing ones', async () => {
    const [person, stranger] = [await biometric.person(), await biometric.person()]
    const { id: foreign } = await person.enrol()
    for (const id of [foreign, crypto.randomUUID(), 'no-uuid', '']) {
      expect(await stranger.ask(RECORD, { id })).toMatchObject({ data: { biometricRecord: null }, errors: [] })
      expect(codesOf(await stranger.ask(DEACTIVATE, { id }))).toEqual(['RES_NOT_FOUND'])
      expect(codesOf(await stranger.ask(DELETE, { id }))).toEqual(['RES_NOT_FOUND'])
    }
    const own = (await person.ask(RECORD, { id: foreign })).data?.['biometricRecord']
    expect(own).toEqual({ id: foreign, type: 'FACE', isActive: true })
  })

  it('have one id each: in upper case it is another, which nobody has', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const { id: sessionId } = await person.start(id)
    const [recordUpper, sessionUpper] = [id.toUpperCase(), sessionId.toUpperCase()]
    expect((await person.ask(RECORD, { id: recordUpper })).data).toEqual({ biometricRecord: null })
    expect((await person.ask(READ, { id: sessionUpper })).data).toEqual({ verificationSession: null })
    for (const operation of [START, DEACTIVATE, DELETE]) {
      expect(codesOf(await person.ask(operation, { id: recordUpper }))).toEqual(['RES_NOT_FOUND'])
    }
    expect(codesOf(await person.ask(CANCEL, { id: sessionUpper }))).toEqual(['RES_NOT_FOUND'])
    expect(codesOf(await person.submit(sessionUpper, person.face.sample()))).toEqual(['RES_NOT_FOUND'])
    const representations = [
      { __typename: 'BiometricRecord', id: recordUpper },
      { __typename: 'VerificationSession', id: sessionUpper },
    ]
    expect((await person.ask(ENTITIES, { representations })).data?.['_entities']).toEqual([null, null])
    expect((await person.read(sessionId)).state).toBe('CREATED')
  })

  it('are deactivated for good, and once more without effect', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    for (let times = 0; times < 2; times += 1) {
      expect((await person.ask(DEACTIVATE, { id })).data).toEqual({ deactivateBiometric: { id, isActive: false } })
    }
  })

  it('are deleted with their templates and every trace of a probe', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const { id: sessionId } = await person.start(id)
    await person.submit(sessionId, person.face.sample())
    expect((await person.ask(DELETE, { id })).data).toEqual({ deleteBiometric: id })
    for (const table of ['biometric_templates', 'verification_probes']) {
      const left = await biometric.database.query(`SELECT 1 FROM biometric.${table} WHERE record_id = $1`, [id])
      expect(left.rowCount).toBe(0)
    }
    expect(codesOf(await person.ask(DELETE, { id }))).toEqual(['RES_NOT_FOUND'])
    expect(await person.read(sessionId)).toMatchObject({ state: 'SUCCEEDED', record: null })
  })

  it('keep a template that opens only as that record of that user', async () => {
    const [person, thief] = [await biometric.person(), await biometric.person()]
    const [{ id: stolen }, { id: own }] = [await person.enrol(), await thief.enrol()]
    const sealed = `UPDATE biometric.biometric_templates SET sealed = (
      SELECT sealed FROM biometric.biometric_templates WHERE record_id = $1) WHERE record_id = $2`
    await biometric.database.query(sealed, [stolen, own])
    const { id } = await thief.start(own)
    expect(codesOf(await thief.submit(id, person.face.sample()))).toEqual(['INT_INTERNAL_ERROR'])
  })
})

describe('as entities', () => {
  it('fifty sessions with their records take one statement each, and others’ are null', async () => {
    const [person, stranger] = [await biometric.person(), await biometric.person()]
    const records = await Promise.all(Array.from({ length: 5 }, () => person.enrol()))
    const sessions = await Promise.all(Array.from({ length: 25 }, (_, n) => person.start(records[n % 5]?.id ?? '')))
    const { id: foreign } = await stranger.start((await stranger.enrol()).id)
    const foreignIds = [...Array<string>(24).fill(foreign), 'no-uuid']
    const representations = [...sessions.map(({ id }) => id), ...foreignIds].map((id) => ({
      __typename: 'VerificationSession',
      id,
    }))
    const statements = jest.spyOn(pg.Client.prototype, 'query')
    const answer = await person.ask(ENTITIES, { representations })
    const reads = statements.mock.calls
      .map(([query]) => JSON.stringify(query))
      .filter((text) => /SELECT.*\bWHERE/.test(text))
    statements.mockRestore()
    expect(reads.filter((text) => text.includes('verification_sessions'))).toHaveLength(1)
    expect(reads.filter((text) => text.includes('biometric_records'))).toHaveLength(1)
    expect(answer.data?.['_entities']).toEqual([
      ...sessions.map(({ id }, n) => ({ id, state: 'CREATED', record: { id: records[n % 5]?.id } })),
      ...Array(25).fill(null),
    ])
  })

  it('show a user’s records to that user alone', async () => {
    const [person, other] = [await biometric.person(), await biometric.person()]
    const { id } = await person.enrol()
    await other.enrol()
    const representations = [person, other].map(({ userId }) => ({ __typename: 'User', id: userId }))
    expect((await person.ask(ENTITIES, { representations })).data?.['_entities']).toEqual([
      { id: person.userId, biometricRecords: [{ id }] },
      { id: other.userId, biometricRecords: null },
    ])
  })

  it('give nothing without a token', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const representations = [
      { __typename: 'BiometricRecord', id },
      { __typename: 'VerificationSession', id: (await person.start(id)).id },
      { __typename: 'User', id: person.userId },
    ]
    expect((await biometric.subgraph.ask(ENTITIES, { representations })).data?.['_entities']).toEqual([
      null,
      null,
      { id: person.userId, biometricRecords: null },
    ])
  })
})

describe('the bus', () => {
  it('may be away: nothing is refused, and what happened is told when it is back', async () => {
    const person = await biometric.person()
    busIsAway = true
    const { id } = await person.enrol()
    const { id: sessionId } = await person.start(id)
    await person.submit(sessionId, person.face.sample())
    busIsAway = false
    const told = await person.progressOf(sessionId)
    expect(told.map(({ state }) => state)).toEqual(['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'SUCCEEDED'])
  })
})

it('tells what it works on', async () => {
  const response = await fetch(`http://127.0.0.1:${biometric.subgraph.port}/ready`)
  expect(response.status).toBe(200)
  expect(
    Object.keys(z.object({ checks: z.record(z.string(), z.unknown()) }).parse(await response.json()).checks),
  ).toEqual(['database', 'bus', 'cache'])
})
