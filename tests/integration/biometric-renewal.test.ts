import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import {
  impressionLevels,
  impressionOf,
  syntheticFinger,
} from '../../subgraphs/biometric/synthetic/synthetic-fingers.js'
import {
  codesOf,
  ENROL,
  fieldsOf,
  MODEL,
  recordIn,
  sessionIn,
  START,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'

const RENEW = `mutation ($input: RenewBiometricInput!) { renewBiometric(input: $input) {
  id qualityScore modelVersion isActive sampleVersion enrolledAt renewedAt expiresAt } }`
const RECORD = 'query ($id: ID!) { biometricRecord(id: $id) { sampleVersion renewedAt } }'
const DEACTIVATE = 'mutation ($id: ID!) { deactivateBiometric(id: $id) { id } }'
const CREATE = 'mutation ($input: CreateGalleryInput!) { createGallery(input: $input) { id } }'
const ADD = 'mutation ($gallery: ID!, $record: ID!) { addToGallery(galleryId: $gallery, recordId: $record) { size } }'
const IDENTIFY =
  'mutation ($input: IdentifyBiometricInput!) { identifyBiometric(input: $input) { candidates { recordId } } }'
const LIFE_MS = 86_400_000

const renewed = z.object({
  id: z.string(),
  sampleVersion: z.number(),
  enrolledAt: z.string(),
  renewedAt: z.string(),
  expiresAt: z.string(),
})
const created = z.object({ createGallery: z.object({ id: z.string() }) })

let biometric: StartedBiometric
beforeAll(async () => {
  biometric = await startBiometric({ policy: { recordLifeMs: LIFE_MS, maximumRecords: 2 } })
}, 60_000)
afterAll(() => biometric.close())

const renew = (person: Person, recordId: string, embedding: readonly number[], more = {}) =>
  person.ask(RENEW, { input: { recordId, embedding, modelVersion: MODEL, ...more } })
const stranger = () => biometric.faces.person()
const decided = async (person: Person, recordId: string, embedding: readonly number[]) =>
  sessionIn(await person.submit((await person.start(recordId)).id, embedding)).result?.decision
const versionOf = async (person: Person, id: string) => (await person.ask(RECORD, { id })).data

describe('a record that is renewed', () => {
  it('is compared with the new sample and no more with the old one, and lives anew', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const [sealedBefore] = await templatesOf(id)
    const other = stranger()
    biometric.pass(3_600_000)
    const answer = await renew(person, id, other.sample())
    expect(answer.errors).toEqual([])
    const record = renewed.parse(answer.data?.['renewBiometric'])
    expect(record).toMatchObject({ id, sampleVersion: 2 })
    expect(Date.parse(record.renewedAt) - Date.parse(record.enrolledAt)).toBeGreaterThanOrEqual(3_600_000)
    expect(Date.parse(record.expiresAt) - Date.parse(record.renewedAt)).toBe(LIFE_MS)
    const sealedAfter = await templatesOf(id)
    expect(sealedAfter).toHaveLength(1)
    expect(sealedAfter).not.toContain(sealedBefore)
    expect(await decided(person, id, other.sample())).toBe('MATCH')
    const { id: session } = await person.start(id)
    expect(sessionIn(await person.submit(session, person.face.sample()))).toMatchObject({ attemptsLeft: 2 })
    const event = { recordId: id, userId: person.userId, type: 'FACE', sampleVersion: 2 }
    expect(await biometric.events('events.biometric.renewed')).toContainEqual(event)
  })

  it('takes its old template as a replay, as it is or hardly changed, after every renewal', async () => {
    const person = await biometric.person()
    const templates = [person.face.sample(), person.face.sample(), person.face.sample()]
    const { id } = await person.enrol(templates[0])
    for (const template of templates.slice(1)) expect((await renew(person, id, template)).errors).toEqual([])
    const { id: session } = await person.start(id)
    for (const old of templates) {
      const altered = old.map((number, index) => (index === 7 ? number + 0.001 : number))
      for (const probe of [old, altered]) {
        const answer = await person.submit(session, probe)
        expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.embedding']])
      }
    }
    expect(await person.read(session)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
  })

  it('ends the verifications that are open against it, and says why', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const session = await person.start(id)
    expect((await renew(person, id, person.face.sample())).errors).toEqual([])
    expect(codesOf(await person.submit(session.id, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(await person.read(session.id)).toMatchObject({ state: 'CANCELLED', result: null })
    expect((await person.progressOf(session.id)).at(-1)?.message).toContain('renewed')
  })

  it('is found in its galleries by the new sample, on every replica', async () => {
    const other = await biometric.replica()
    const operator = await biometric.person({ scopes: ['biometric:identify'] })
    const person = await biometric.person()
    const { id } = await person.enrol()
    const input = { name: `faces ${crypto.randomUUID()}`, type: 'FACE', modelVersion: MODEL }
    const { id: galleryId } = created.parse((await operator.ask(CREATE, { input })).data).createGallery
    await operator.ask(ADD, { gallery: galleryId, record: id })
    const found = async (embedding: readonly number[], at?: typeof other) =>
      (await operator.ask(IDENTIFY, { input: { galleryId, embedding, modelVersion: MODEL } }, at)).data
    const whoever = (...candidates: readonly object[]) => ({ identifyBiometric: { candidates } })
    expect(await found(person.face.sample(), other)).toEqual(whoever({ recordId: id }))
    const face = stranger()
    await renew(person, id, face.sample())
    for (const at of [undefined, other]) {
      expect(await found(person.face.sample(), at)).toEqual(whoever())
      expect(await found(face.sample(), at)).toEqual(whoever({ recordId: id }))
    }
  })

  it('may have expired, and counts among the active ones again', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    biometric.pass(LIFE_MS)
    expect(codesOf(await person.ask(START, { id }))).toEqual(['BIOMETRIC_RECORD_EXPIRED'])
    expect((await renew(person, id, person.face.sample())).errors).toEqual([])
    expect(await decided(person, id, person.face.sample())).toBe('MATCH')
    biometric.pass(LIFE_MS)
    await person.enrol()
    await person.enrol()
    const refused = await renew(person, id, person.face.sample())
    expect(codesOf(refused)).toEqual(['RES_CONFLICT'])
    expect(refused.errors[0]?.message).toMatch(/2 other active records.*deactivate or delete one/)
  })

  it('has each renewal counted once, however many come at once', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const answers = await Promise.all(Array.from({ length: 6 }, () => renew(person, id, person.face.sample())))
    const refused = answers.filter(({ errors }) => errors.length > 0)
    expect(new Set(refused.flatMap(codesOf))).toEqual(new Set(refused.length === 0 ? [] : ['RES_CONFLICT']))
    expect(refused.length).toBeLessThan(6)
    expect(await versionOf(person, id)).toMatchObject({ biometricRecord: { sampleVersion: 7 - refused.length } })
    expect(await templatesOf(id)).toHaveLength(1)
  })

  it('may be of a finger, whose samples have no direction', async () => {
    const person = await biometric.person()
    const random = createRandomSource(20_261_121)
    const tip = syntheticFinger(random)
    const capture = () =>
      impressionOf(tip, impressionLevels.good, random).map((minutia) => ({
        ...minutia,
        direction: (minutia.direction / Math.PI) * 180,
      }))
    const old = capture()
    const { id } = recordIn(
      await person.ask(ENROL, { input: { type: 'FINGERPRINT', minutiae: old, modelVersion: 'extractor-1' } }),
    )
    const input = { recordId: id, minutiae: capture(), modelVersion: 'extractor-1' }
    expect((await person.ask(RENEW, { input })).errors).toEqual([])
    const { id: session } = await person.start(id)
    const replay = await person.send(session, { minutiae: old, modelVersion: 'extractor-1' })
    expect([codesOf(replay), fieldsOf(replay)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.minutiae']])
    const fresh = await person.send(session, { minutiae: capture(), modelVersion: 'extractor-1' })
    expect(sessionIn(fresh).result?.decision).toBe('MATCH')
  })
})

describe('a renewal', () => {
  it.each([
    ['the sample that is enrolled', (old: number[]) => ({ embedding: old }), 'input.embedding'],
    ['a weak sample', (old: number[]) => ({ embedding: old.map((number) => number * 0.3) }), 'input.embedding'],
    ['a sample of another dimension', (old: number[]) => ({ embedding: old.slice(1) }), 'input.embedding'],
    ['a sample of another model', () => ({ modelVersion: 'another-1' }), 'input.modelVersion'],
  ])('refuses %s, names the field and changes nothing', async (_what, spoil, field) => {
    const person = await biometric.person()
    const old = person.face.sample()
    const { id } = await person.enrol(old)
    const sealed = await templatesOf(id)
    const answer = await renew(person, id, person.face.sample(), spoil(old))
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], [field]])
    expect(await versionOf(person, id)).toEqual({ biometricRecord: { sampleVersion: 1, renewedAt: null } })
    expect(await templatesOf(id)).toEqual(sealed)
  })

  it('is of one’s own active record: others are answered like missing ones', async () => {
    const [person, thief] = [await biometric.person(), await biometric.person()]
    const { id } = await person.enrol()
    for (const wanted of [id, crypto.randomUUID(), 'no-uuid']) {
      expect(codesOf(await renew(thief, wanted, thief.face.sample()))).toEqual(['RES_NOT_FOUND'])
    }
    await person.ask(DEACTIVATE, { id })
    expect(codesOf(await renew(person, id, person.face.sample()))).toEqual(['RES_NOT_FOUND'])
  })

  it('takes what an enrolment takes: consent, the permission and a sign-in of the last five minutes', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const stale = await person.elsewhere({ authenticatedAt: new Date(Date.now() - 301_000) })
    expect(codesOf(await renew(stale, id, person.face.sample()))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    const reader = await person.elsewhere({ scopes: ['biometric:read'] })
    expect(codesOf(await renew(reader, id, person.face.sample()))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    await biometric.database.query('UPDATE biometric.biometric_consents SET given = false WHERE user_id = $1', [
      person.userId,
    ])
    expect(codesOf(await renew(person, id, person.face.sample()))).toEqual(['AUTHZ_CONSENT_REQUIRED'])
    expect(await versionOf(person, id)).toMatchObject({ biometricRecord: { sampleVersion: 1 } })
  })
})

/** Everything that is sealed of a record. */
async function templatesOf(recordId: string): Promise<readonly string[]> {
  const { rows } = await biometric.database.query<{ sealed: string }>(
    `SELECT encode(sealed, 'hex') AS sealed FROM biometric.biometric_templates WHERE record_id = $1`,
    [recordId],
  )
  return rows.map(({ sealed }) => sealed)
}
