import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  codesOf,
  fieldsOf,
  sessionIn,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'

const POLICY = `fragment policy on VerificationPolicy {
  name version modality falseMatchRate minimumQuality liveness maximumFrames sessionLifeSeconds checksDuplicates retiredAt
}`
const DEFINE = `mutation ($input: DefineVerificationPolicyInput!) { defineVerificationPolicy(input: $input) { id ...policy } } ${POLICY}`
const RETIRE = `mutation ($name: String!) { retireVerificationPolicy(name: $name) { id ...policy } } ${POLICY}`
const LIST = `{ verificationPolicies { ...policy } } ${POLICY}`
const START = `mutation ($id: ID!, $policy: String) {
  startVerification(input: { recordId: $id, policy: $policy }) {
    id state percent attemptsLeft createdAt expiresAt policy { id ...policy } result { decision }
  }
} ${POLICY}`

const everything = ['biometric:enroll', 'biometric:read', 'biometric:verify', 'biometric:admin']
const strict = { modality: 'FACE', falseMatchRate: 1e-6, minimumQuality: 60, maximumFrames: 1, sessionLifeSeconds: 30 }

let biometric: StartedBiometric
let admin: Person

beforeAll(async () => {
  biometric = await startBiometric({ seed: 61 })
  admin = await biometric.person({ scopes: everything })
})
afterAll(() => biometric.close())

let names = 0
/** A policy of its own name, at version 1. */
async function define(terms: object = strict): Promise<string> {
  names += 1
  const name = `policy-${names}`
  const { errors } = await admin.ask(DEFINE, { input: { ...terms, name } })
  expect(errors).toEqual([])
  return name
}

describe('a policy', () => {
  it('stands configured for every modality from the start', async () => {
    const { data } = await (await biometric.person()).ask(LIST)
    const terms = { version: 1, falseMatchRate: 1e-4, minimumQuality: 40, liveness: 'NONE', maximumFrames: 3 }
    for (const modality of ['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI']) {
      const name = modality.toLowerCase()
      expect(data?.['verificationPolicies']).toContainEqual({
        ...{ ...terms, name, modality, sessionLifeSeconds: 120, checksDuplicates: false, retiredAt: null },
      })
    }
  })

  it('has versions: writing other terms makes the next one, writing the same ones makes none', async () => {
    const name = await define()
    const again = await admin.ask(DEFINE, { input: { ...strict, name } })
    expect(again.data?.['defineVerificationPolicy']).toMatchObject({ version: 1, falseMatchRate: 1e-6 })
    const changed = await admin.ask(DEFINE, { input: { ...strict, name, liveness: 'DEVICE_SIGNED' } })
    expect(changed.data?.['defineVerificationPolicy']).toMatchObject({ version: 2, liveness: 'DEVICE_SIGNED' })
  })

  it('has each version once, however many are written at once', async () => {
    const name = await define()
    const written = await Promise.all(
      [50, 51, 52, 53].map((minimumQuality) => admin.ask(DEFINE, { input: { ...strict, name, minimumQuality } })),
    )
    expect(written.map(({ data }) => data?.['defineVerificationPolicy'])).toEqual(
      expect.arrayContaining([2, 3, 4, 5].map((version): unknown => expect.objectContaining({ version }))),
    )
  })

  it('is kept by a session in the version it began under, which nothing changes', async () => {
    const name = await define()
    const person = await biometric.person()
    const { id: recordId } = await person.enrol()
    const started = await person.ask(START, { id: recordId, policy: name })
    await admin.ask(DEFINE, { input: { ...strict, name, maximumFrames: 3 } })
    await admin.ask(RETIRE, { name })
    const session = sessionIn(started)
    expect(session).toMatchObject({ attemptsLeft: 1, policy: { name, version: 1, falseMatchRate: 1e-6 } })
    expect(Date.parse(String(session['expiresAt'])) - Date.parse(String(session['createdAt']))).toBe(30_000)
    const failed = sessionIn(await person.submit(session.id, biometric.faces.person().sample()))
    expect(failed).toMatchObject({ state: 'FAILED', result: { decision: 'NON_MATCH', falseMatchRate: 1e-6 } })
    const change = biometric.database.query('UPDATE biometric.verification_policies SET false_match_rate = 0.01')
    await expect(change).rejects.toThrow(/never changes/)
  })

  it('asks for its quality of every probe', async () => {
    const person = await biometric.person()
    const { id: recordId } = await person.enrol()
    const dim = person.face.sample().map((number) => number * 0.5) // of quality 50
    const strictly = sessionIn(await person.ask(START, { id: recordId, policy: await define() }))
    expect(codesOf(await person.submit(strictly.id, dim))).toEqual(['VAL_VALIDATION_FAILED'])
    const asConfigured = sessionIn(await person.ask(START, { id: recordId }))
    expect(sessionIn(await person.submit(asConfigured.id, dim)).state).toBe('SUCCEEDED')
  })

  it('begins no session once it is retired, and is retired once', async () => {
    const name = await define()
    const [first, second] = [await admin.ask(RETIRE, { name }), await admin.ask(RETIRE, { name })]
    expect(first.data?.['retireVerificationPolicy']).toMatchObject({ retiredAt: expect.stringMatching(/Z$/) })
    expect(second.data).toEqual(first.data)
    const person = await biometric.person()
    const answer = await person.ask(START, { id: (await person.enrol()).id, policy: name })
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.policy']])
    const anew = await admin.ask(DEFINE, { input: { ...strict, name } })
    expect(anew.data?.['defineVerificationPolicy']).toMatchObject({ version: 2, retiredAt: null })
  })
})

describe('a policy that asks for less than the configuration', () => {
  const weaker: [string, object][] = [
    ['a higher false match rate', { falseMatchRate: 1e-2 }],
    ['a lower quality', { minimumQuality: 0 }],
    ['more attempts', { maximumFrames: 10 }],
  ]

  it.each(weaker)('by %s is refused to people, and open to who administers', async (_by, less) => {
    const policy = await define({ ...strict, maximumFrames: 3, ...less })
    const person = await biometric.person()
    const refused = await person.ask(START, { id: (await person.enrol()).id, policy })
    expect(codesOf(refused)).toEqual(['AUTHZ_FORBIDDEN'])
    expect(refused.errors[0]?.message).toMatch(/asks for less than this service does.*Name another, or none\./)
    expect(sessionIn(await admin.ask(START, { id: (await admin.enrol()).id, policy })).state).toBe('CREATED')
  })

  it('is refused where the configuration asks for a signed capture', async () => {
    const guarded = await startBiometric({ seed: 62, policy: { liveness: 'DEVICE_SIGNED' } })
    try {
      const administrator = await guarded.person({ scopes: everything })
      await administrator.ask(DEFINE, { input: { ...strict, name: 'unsigned' } })
      const person = await guarded.person()
      const answer = await person.ask(START, { id: (await person.enrol()).id, policy: 'unsigned' })
      expect(codesOf(answer)).toEqual(['AUTHZ_FORBIDDEN'])
    } finally {
      await guarded.close()
    }
  })
})

describe('what is no policy', () => {
  it.each([['nowhere'], ['voice'], ['FACE'], ['']])('%p for a face is refused by its field', async (policy) => {
    const person = await biometric.person()
    const answer = await person.ask(START, { id: (await person.enrol()).id, policy })
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.policy']])
  })

  it.each([
    ['a name with blanks', { name: 'a b' }, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a false match rate of nought', { falseMatchRate: 0 }, 'falseMatchRate'],
    ['a false match rate of one in ten', { falseMatchRate: 0.1 }, 'falseMatchRate'],
    ['a quality above 100', { minimumQuality: 101 }, 'minimumQuality'],
    ['no frames', { maximumFrames: 0 }, 'maximumFrames'],
    ['eleven frames', { maximumFrames: 11 }, 'maximumFrames'],
    ['nine seconds', { sessionLifeSeconds: 9 }, 'sessionLifeSeconds'],
    ['more than an hour', { sessionLifeSeconds: 3_601 }, 'sessionLifeSeconds'],
  ])('refuses %s by its field', async (_what, fault, field) => {
    const answer = await admin.ask(DEFINE, { input: { ...strict, name: 'never', ...fault } })
    expect(codesOf(answer)[0]).toMatch(/^VAL_/)
    expect(fieldsOf(answer)).toEqual([`input.${field}`])
  })

  it('changes neither what the configuration says nor the modality of a name', async () => {
    const name = await define()
    expect(codesOf(await admin.ask(DEFINE, { input: { ...strict, name: 'face' } }))).toEqual(['RES_CONFLICT'])
    expect(codesOf(await admin.ask(RETIRE, { name: 'face' }))).toEqual(['RES_CONFLICT'])
    expect(codesOf(await admin.ask(RETIRE, { name: 'nowhere' }))).toEqual(['RES_NOT_FOUND'])
    const other = { input: { ...strict, name, modality: 'VOICE' } }
    expect(codesOf(await admin.ask(DEFINE, other))).toEqual(['RES_CONFLICT'])
  })
})

describe('policies', () => {
  it('are written with biometric:admin alone, and read with biometric:read', async () => {
    const person = await biometric.person({ scopes: everything.filter((scope) => scope !== 'biometric:admin') })
    for (const [query, variables] of [
      [DEFINE, { input: { ...strict, name: 'mine' } }],
      [RETIRE, { name: 'mine' }],
    ] as const) {
      expect(codesOf(await person.ask(query, variables))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    }
    const blind = await biometric.person({ scopes: ['biometric:verify'] })
    expect(codesOf(await blind.ask(LIST))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
  })

  it('are made once of the configuration, however many replicas start with it', async () => {
    const versions = async () =>
      (await biometric.database.query(`SELECT version FROM biometric.verification_policies WHERE name = 'iris'`)).rows
    await Promise.all([biometric.replica(), biometric.replica()])
    expect(await versions()).toEqual([{ version: 1 }])
  })
})
