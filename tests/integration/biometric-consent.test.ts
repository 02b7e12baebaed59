import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createEventRow } from '../../platform/bus/event-row.js'
import { consentChanged } from '../../schema/contracts/consent-changed.js'
import {
  codesOf,
  ENROL,
  MODEL,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import { until } from '../support/until.js'

let biometric: StartedBiometric

beforeAll(async () => {
  biometric = await startBiometric()
}, 60_000)
afterAll(() => biometric.close())

const enrol = ({ face, ask }: Person) =>
  ask(ENROL, { input: { type: 'FACE', embedding: face.sample(), modelVersion: MODEL } })

/** User tells of a change; resolves when it was handled. */
async function told(userId: string, given: boolean, now: Date): Promise<void> {
  const data = { userId, kind: 'BIOMETRIC' as const, version: '1', given }
  const { id, subject, envelope } = createEventRow(consentChanged, data, { now })
  await biometric.subgraph.engines.bus.publish(subject, envelope)
  const sql = 'SELECT 1 FROM biometric.inbox_events WHERE event_id = $1'
  await until(async () => (await biometric.database.query(sql, [id])).rowCount === 1, 20_000)
}

const countOf = async (table: string, userId: string) =>
  (await biometric.database.query(`SELECT 1 FROM biometric.${table} WHERE user_id = $1`, [userId])).rowCount

describe('enrolling', () => {
  it('needs consent, and says what to do where there is none', async () => {
    const person = await biometric.person({ agrees: false })
    const answer = await enrol(person)
    expect(codesOf(answer)).toEqual(['AUTHZ_CONSENT_REQUIRED'])
    expect(answer.errors[0]?.message).toContain('giveConsent')
    expect(await countOf('biometric_records', person.userId)).toBe(0)

    await told(person.userId, true, new Date())
    expect((await person.ask('{ biometricConsent }')).data).toEqual({ biometricConsent: true })
    expect(codesOf(await enrol(person))).toEqual([])
  })

  it('has a key of the person’s own to seal with, without which nothing opens', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    await biometric.database.query('DELETE FROM biometric.person_keys WHERE user_id = $1', [person.userId])
    const session = await person.start(id)
    const answer = await person.submit(session.id, person.face.sample())
    expect(answer.errors.length + (answer.data === null ? 1 : 0)).toBeGreaterThan(0)
  })
})

describe('withdrawing consent', () => {
  it('destroys what was enrolled and the key it was sealed under', async () => {
    const person = await biometric.person()
    await person.enrol()
    await told(person.userId, false, new Date(Date.now() + 1_000))
    expect(await countOf('biometric_records', person.userId)).toBe(0)
    expect(await countOf('person_keys', person.userId)).toBe(0)
    expect(codesOf(await enrol(person))).toEqual(['AUTHZ_CONSENT_REQUIRED'])
  })

  it('is not undone by an older consent that comes late', async () => {
    const person = await biometric.person({ agrees: false })
    const withdrawnAt = new Date()
    await told(person.userId, false, withdrawnAt)
    await told(person.userId, true, new Date(withdrawnAt.getTime() - 1))
    expect(codesOf(await enrol(person))).toEqual(['AUTHZ_CONSENT_REQUIRED'])
  })

  it('destroys what was enrolled before it also where it comes after a newer consent', async () => {
    const person = await biometric.person()
    await person.enrol()
    const withdrawnAt = new Date(Date.now() + 1_000)
    await told(person.userId, true, new Date(withdrawnAt.getTime() + 1_000))
    await told(person.userId, false, withdrawnAt)
    expect(await countOf('biometric_records', person.userId)).toBe(0)
    expect((await person.ask('{ biometricConsent }')).data).toEqual({ biometricConsent: true })
  })
})
