import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  codesOf,
  fieldsOf,
  MODEL,
  sessionIn,
  START,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'

const VERIFY = `mutation ($input: VerifyBiometricInput!) {
  verifyBiometric(input: $input) { id state percent attemptsLeft nonce result { decision falseMatchRate } }
}`

let biometric: StartedBiometric

beforeAll(async () => {
  biometric = await startBiometric({ seed: 35 })
})

afterAll(() => biometric.close())

async function enrolled() {
  const person = await biometric.person()
  const { id: recordId } = await person.enrol()
  return { person, recordId }
}

const verify = (person: Person, recordId: string, embedding: readonly number[], more = {}) =>
  person.ask(VERIFY, { input: { recordId, embedding, modelVersion: MODEL, ...more } })
const impostor = () => biometric.faces.person().sample()

describe('verifying in one call', () => {
  it('recognises the person, and tells every state like any other verification', async () => {
    const { person, recordId } = await enrolled()
    const session = sessionIn(await verify(person, recordId, person.face.sample()))
    expect(session).toMatchObject({
      ...{ state: 'SUCCEEDED', attemptsLeft: 0, nonce: null },
      result: { decision: 'MATCH', falseMatchRate: 1e-4 },
    })
    const told = (await person.progressOf(session.id)).map(({ state }) => state)
    expect(told).toEqual(['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'SUCCEEDED'])
    const verified = { sessionId: session.id, recordId, userId: person.userId, decision: 'MATCH' }
    expect(await biometric.events('events.biometric.verified')).toContainEqual(verified)
  })

  it('fails for somebody else at the first sample', async () => {
    const { person, recordId } = await enrolled()
    const session = sessionIn(await verify(person, recordId, impostor()))
    expect(session).toMatchObject({ state: 'FAILED', result: { decision: 'NON_MATCH' } })
  })

  it('counts towards the same limits', async () => {
    const { person, recordId } = await enrolled()
    for (let times = 0; times < 5; times += 1) sessionIn(await verify(person, recordId, impostor()))
    expect(codesOf(await verify(person, recordId, person.face.sample()))).toEqual(['RATE_LIMIT_EXCEEDED'])
    expect(codesOf(await person.ask(START, { id: recordId }))).toEqual(['RATE_LIMIT_EXCEEDED'])
  })

  it('refuses what a verification refuses, naming the field, and leaves none open', async () => {
    const { person, recordId } = await enrolled()
    const sample = person.face.sample()
    sessionIn(await verify(person, recordId, sample))
    const refused = async (answer: ReturnType<typeof verify>) => [codesOf(await answer), fieldsOf(await answer)]
    const invalid = (field: string) => [['VAL_VALIDATION_FAILED'], [field]]
    expect(await refused(verify(person, recordId, sample))).toEqual(invalid('input.embedding'))
    expect(await refused(verify(person, recordId, sample.slice(1)))).toEqual(invalid('input.embedding'))
    const another = { modelVersion: 'another' }
    expect(await refused(verify(person, recordId, impostor(), another))).toEqual(invalid('input.modelVersion'))
    expect(await refused(verify(person, recordId, impostor(), { policy: 'none' }))).toEqual(invalid('input.policy'))
    for (const id of [crypto.randomUUID(), 'no-uuid']) {
      expect(codesOf(await verify(person, id, impostor()))).toEqual(['RES_NOT_FOUND'])
    }
    const sql =
      'SELECT state, count(*)::int FROM biometric.verification_sessions WHERE user_id = $1 GROUP BY 1 ORDER BY 1'
    const { rows } = await biometric.database.query(sql, [person.userId])
    expect(rows).toEqual([
      { state: 'SUCCEEDED', count: 1 },
      { state: 'CANCELLED', count: 3 },
    ])
  })
})
