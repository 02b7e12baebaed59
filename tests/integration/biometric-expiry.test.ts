import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import {
  codesOf,
  ENROL,
  fieldsOf,
  MODEL,
  recordIn,
  START,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import { until } from '../support/until.js'

const LIFE_MS = 3_600_000
const EXPIRES = 'query ($id: ID!) { biometricRecord(id: $id) { enrolledAt expiresAt } }'
const START_SEVERAL = 'mutation ($ids: [ID!]!) { startVerification(input: { recordIds: $ids }) { id } }'
const CREATE = 'mutation ($input: CreateGalleryInput!) { createGallery(input: $input) { id } }'
const ADD = 'mutation ($gallery: ID!, $record: ID!) { addToGallery(galleryId: $gallery, recordId: $record) { size } }'
const SIZE = 'query ($id: ID!) { gallery(id: $id) { size } }'
const IDENTIFY =
  'mutation ($input: IdentifyBiometricInput!) { identifyBiometric(input: $input) { candidates { recordId } } }'

let biometric: StartedBiometric
beforeAll(async () => {
  biometric = await startBiometric({ policy: { recordLifeMs: LIFE_MS, maximumRecords: 1 } })
}, 60_000)
afterAll(() => biometric.close())

const created = z.object({ createGallery: z.object({ id: z.string() }) })
const sized = z.object({ gallery: z.object({ size: z.number() }) })
const lived = z.object({ biometricRecord: z.object({ enrolledAt: z.string(), expiresAt: z.string() }) })

/** An operator's gallery that has one record. */
async function galleryOf(at: StartedBiometric, recordId: string) {
  const operator = await at.person({ scopes: ['biometric:identify'] })
  const input = { name: `faces ${crypto.randomUUID()}`, type: 'FACE', modelVersion: MODEL }
  const { id } = created.parse((await operator.ask(CREATE, { input })).data).createGallery
  expect((await operator.ask(ADD, { gallery: id, record: recordId })).data).toEqual({ addToGallery: { size: 1 } })
  const identify = async ({ face }: Person) =>
    (await operator.ask(IDENTIFY, { input: { galleryId: id, embedding: face.sample(), modelVersion: MODEL } })).data
  return { id, operator, identify }
}

describe('a record that has expired', () => {
  it('was told when it would, and is refused by its code with advice', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const { enrolledAt, expiresAt } = lived.parse((await person.ask(EXPIRES, { id })).data).biometricRecord
    expect(Date.parse(expiresAt) - Date.parse(enrolledAt)).toBe(LIFE_MS)
    expect(codesOf(await person.ask(START, { id }))).toEqual([])
    biometric.pass(LIFE_MS)
    const refused = await person.ask(START, { id })
    expect([codesOf(refused), fieldsOf(refused)]).toEqual([['BIOMETRIC_RECORD_EXPIRED'], ['input.recordId']])
    expect(refused.errors[0]?.message).toContain('renew it')
    expect(refused.errors[0]?.extensions.details?.[0]?.reason).toBe(`${id} expired at ${expiresAt}`)
  })

  it('no longer counts among the active ones, so that a new sample can be enrolled', async () => {
    const person = await biometric.person()
    await person.enrol()
    const input = { type: 'FACE', embedding: person.face.sample(), modelVersion: MODEL }
    expect(codesOf(await person.ask(ENROL, { input }))).toEqual(['RES_CONFLICT'])
    biometric.pass(LIFE_MS)
    const { id } = await person.enrol()
    expect(codesOf(await person.ask(START, { id }))).toEqual([])
  })

  it('ends the verifications that are open against it', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    biometric.pass(LIFE_MS - 60_000)
    const session = await person.start(id)
    expect(Date.parse(String(session['expiresAt'])) - Date.parse(String(session['createdAt']))).toBeLessThanOrEqual(
      60_000,
    )
    biometric.pass(60_000)
    expect(codesOf(await person.submit(session.id, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(await person.read(session.id)).toMatchObject({ state: 'EXPIRED', result: null })
  })

  it('is named where several are verified together', async () => {
    const person = await biometric.person()
    const { id: old } = await person.enrol()
    biometric.pass(LIFE_MS)
    const voice = await person.ask(ENROL, {
      input: { type: 'VOICE', embedding: voiceLike(person.face.sample()), modelVersion: 'synthetic-voice-1' },
    })
    const { id: current } = recordIn(voice)
    const refused = await person.ask(START_SEVERAL, { ids: [current, old] })
    expect([codesOf(refused), fieldsOf(refused)]).toEqual([['BIOMETRIC_RECORD_EXPIRED'], ['input.recordIds']])
    expect(refused.errors[0]?.extensions.details?.[0]?.reason).toContain(old)
  })

  it('is nobody’s candidate from that moment on, and joins no gallery', async () => {
    const person = await biometric.person()
    const { id } = await person.enrol()
    const { id: gallery, operator, identify } = await galleryOf(biometric, id)
    expect(await identify(person)).toEqual({ identifyBiometric: { candidates: [{ recordId: id }] } })
    biometric.pass(LIFE_MS)
    expect(await identify(person)).toEqual({ identifyBiometric: { candidates: [] } })
    expect(codesOf(await operator.ask(ADD, { gallery, record: id }))).toEqual(['BIOMETRIC_RECORD_EXPIRED'])
  })
})

it('leaves its galleries by itself, and those that have not expired stay', async () => {
  const swept = await startBiometric({ policy: { recordLifeMs: LIFE_MS }, search: { sweepEveryMs: 20 } })
  try {
    const [early, late] = [await swept.person(), await swept.person()]
    const { id: first } = await early.enrol()
    const { id: gallery, operator, identify } = await galleryOf(swept, first)
    swept.pass(LIFE_MS / 2)
    const { id: second } = await late.enrol()
    await operator.ask(ADD, { gallery, record: second })
    expect((await operator.ask(SIZE, { id: gallery })).data).toEqual({ gallery: { size: 2 } })
    swept.pass(LIFE_MS / 2)
    const size = async () => sized.parse((await operator.ask(SIZE, { id: gallery })).data).gallery.size
    await until(async () => (await size()) === 1, 20_000)
    expect(await identify(late)).toEqual({ identifyBiometric: { candidates: [{ recordId: second }] } })
    expect(await identify(early)).toEqual({ identifyBiometric: { candidates: [] } })
  } finally {
    await swept.close()
  }
}, 60_000)

/** 192 of a face's numbers, as loud as they were together. */
function voiceLike(face: readonly number[]): readonly number[] {
  return face.slice(0, 192).map((number) => number * Math.sqrt(512 / 192))
}
