import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import {
  codesOf,
  fieldsOf,
  MODEL,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import type { Answer } from '../support/start-subgraph.js'

let biometric: StartedBiometric
let operator: Person
beforeAll(async () => {
  biometric = await startBiometric({ search: { searchesAMinute: 1_000 } })
  operator = await biometric.person({ scopes: ['biometric:identify'] })
}, 120_000)
afterAll(() => biometric.close())

const CREATE = `mutation ($input: CreateGalleryInput!) { createGallery(input: $input) { id name type size memoryBytes } }`
const ADD = `mutation ($gallery: ID!, $record: ID!) { addToGallery(galleryId: $gallery, recordId: $record) { id size } }`
const REMOVE = `mutation ($gallery: ID!, $record: ID!) { removeFromGallery(galleryId: $gallery, recordId: $record) { size } }`
const IDENTIFY = `mutation ($input: IdentifyBiometricInput!) { identifyBiometric(input: $input) {
  galleryId gallerySize falsePositiveIdentificationRate falseMatchRate algorithm calibrationVersion
  candidates { rank recordId user { id } } } }`

const gallery = z.object({ id: z.string(), size: z.number() })
const identification = z.object({
  gallerySize: z.number(),
  falseMatchRate: z.number(),
  falsePositiveIdentificationRate: z.number(),
  candidates: z.array(z.object({ rank: z.number(), recordId: z.string(), user: z.object({ id: z.string() }) })),
})

function answerOf<T>(schema: z.ZodType<T>, { data, errors }: Answer): T {
  expect(errors).toEqual([])
  return schema.parse(Object.values(data ?? {})[0])
}

const create = async (input = {}) => {
  const wanted = { name: `faces ${crypto.randomUUID()}`, type: 'FACE', modelVersion: MODEL, ...input }
  return answerOf(gallery, await operator.ask(CREATE, { input: wanted }))
}
const add = (galleryId: string, recordId: string) => operator.ask(ADD, { gallery: galleryId, record: recordId })
const identify = (galleryId: string, embedding: readonly number[], at?: Parameters<Person['ask']>[2]) =>
  operator.ask(IDENTIFY, { input: { galleryId, embedding, modelVersion: MODEL } }, at)
const found = async (galleryId: string, embedding: readonly number[], at?: Parameters<Person['ask']>[2]) =>
  answerOf(identification, await identify(galleryId, embedding, at)).candidates.map(({ recordId }) => recordId)

async function enrolled(count: number) {
  const people = []
  for (let n = 0; n < count; n += 1) {
    const person = await biometric.person()
    people.push({ person, record: await person.enrol() })
  }
  return people
}

describe('a gallery', () => {
  it('names the person of a sample, whose record and at what rate', async () => {
    const { id } = await create()
    const people = await enrolled(4)
    for (const { record } of people) answerOf(gallery, await add(id, record.id))
    for (const { person, record } of people) {
      const answer = answerOf(identification, await identify(id, person.face.sample()))
      expect(answer.candidates).toEqual([{ rank: 1, recordId: record.id, user: { id: person.userId } }])
      expect(answer).toMatchObject({ gallerySize: 4, falsePositiveIdentificationRate: 0.01 })
      expect(1 - (1 - answer.falseMatchRate) ** 4).toBeCloseTo(0.01, 12)
    }
  })

  it('names nobody for a stranger, and nobody where it is empty', async () => {
    const { id } = await create()
    expect(await found(id, biometric.faces.person().sample())).toEqual([])
    const [one] = await enrolled(1)
    await add(id, one?.record.id ?? '')
    expect(await found(id, biometric.faces.person().sample())).toEqual([])
  })

  it('is searched by another replica as soon as it has answered, and by one that starts later', async () => {
    const other = await biometric.replica()
    const { id } = await create()
    const [one] = await enrolled(1)
    if (one === undefined) throw new Error('Somebody enrolled.')
    expect(await found(id, one.person.face.sample(), other)).toEqual([])
    await add(id, one.record.id)
    expect(await found(id, one.person.face.sample(), other)).toEqual([one.record.id])
    const later = await biometric.replica()
    expect(await found(id, one.person.face.sample(), later)).toEqual([one.record.id])
    answerOf(z.unknown(), await operator.ask(REMOVE, { gallery: id, record: one.record.id }))
    for (const replica of [undefined, other, later]) {
      expect(await found(id, one.person.face.sample(), replica)).toEqual([])
    }
  })

  it.each([
    ['deactivates it', `mutation ($id: ID!) { deactivateBiometric(id: $id) { id } }`],
    ['deletes it', `mutation ($id: ID!) { deleteBiometric(id: $id) }`],
  ])('loses a record when its owner %s, on every replica', async (_what, mutation) => {
    const other = await biometric.replica()
    const { id } = await create()
    const [one] = await enrolled(1)
    if (one === undefined) throw new Error('Somebody enrolled.')
    await add(id, one.record.id)
    expect(await found(id, one.person.face.sample(), other)).toEqual([one.record.id])
    answerOf(z.unknown(), await one.person.ask(mutation, { id: one.record.id }))
    for (const replica of [undefined, other]) expect(await found(id, one.person.face.sample(), replica)).toEqual([])
    expect(codesOf(await add(id, one.record.id))).toEqual(['RES_NOT_FOUND'])
  })

  it('takes records of its own kind alone, again without a change, and samples of its model', async () => {
    const { id } = await create({ modelVersion: 'another-model' })
    const [one] = await enrolled(1)
    if (one === undefined) throw new Error('Somebody enrolled.')
    expect(fieldsOf(await add(id, one.record.id))).toEqual(['recordId'])
    expect(fieldsOf(await identify(id, one.person.face.sample()))).toEqual(['input.modelVersion'])
    const faces = await create()
    for (const _time of [1, 2]) expect(answerOf(gallery, await add(faces.id, one.record.id)).size).toBe(1)
    const changed = await operator.ask(`query ($id: ID!) { gallery(id: $id) { size memoryBytes } }`, { id: faces.id })
    expect(changed.errors).toEqual([])
    expect(fieldsOf(await identify(faces.id, [1, 2, 3]))).toEqual(['input.embedding'])
  })

  it('has a name of its own, stands in a list, and leaves records alone when it is deleted', async () => {
    const name = `people ${crypto.randomUUID()}`
    const { id } = await create({ name })
    const taken = await operator.ask(CREATE, { input: { name, type: 'IRIS', modelVersion: MODEL } })
    expect(codesOf(taken)).toEqual(['RES_ALREADY_EXISTS'])
    const multi = await operator.ask(CREATE, { input: { name: 'multi', type: 'MULTI', modelVersion: MODEL } })
    expect(codesOf(multi)).toEqual(['VAL_VALIDATION_FAILED'])
    const list = await operator.ask(`{ galleries(first: 1) { edges { node { id name } } pageInfo { hasNextPage } } }`)
    expect(list.data).toMatchObject({ galleries: { edges: [{ node: { id, name } }], pageInfo: { hasNextPage: true } } })
    const [one] = await enrolled(1)
    if (one === undefined) throw new Error('Somebody enrolled.')
    await add(id, one.record.id)
    const deleted = await operator.ask(`mutation ($id: ID!) { deleteGallery(id: $id) }`, { id })
    expect(deleted).toMatchObject({ data: { deleteGallery: id }, errors: [] })
    expect(codesOf(await identify(id, one.person.face.sample()))).toEqual(['RES_NOT_FOUND'])
    const kept = await one.person.ask(`query ($id: ID!) { biometricRecord(id: $id) { isActive } }`, {
      id: one.record.id,
    })
    expect(kept.data).toEqual({ biometricRecord: { isActive: true } })
  })

  it('is for operators: without the permission nothing of it is reached', async () => {
    const { id } = await create()
    const person = await biometric.person()
    const refused = ['AUTHZ_INSUFFICIENT_PERMISSIONS']
    expect(codesOf(await person.ask(`query ($id: ID!) { gallery(id: $id) { name } }`, { id }))).toEqual(refused)
    expect(codesOf(await person.ask(`{ galleries { edges { cursor } } }`))).toEqual(refused)
    expect(codesOf(await person.ask(CREATE, { input: { name: 'x', type: 'FACE', modelVersion: MODEL } }))).toEqual(
      refused,
    )
    expect(codesOf(await person.ask(ADD, { gallery: id, record: id }))).toEqual(refused)
    expect(codesOf(await person.ask(REMOVE, { gallery: id, record: id }))).toEqual(refused)
    expect(codesOf(await person.ask(`mutation ($id: ID!) { deleteGallery(id: $id) }`, { id }))).toEqual(refused)
    const input = { galleryId: id, embedding: person.face.sample(), modelVersion: MODEL }
    expect(codesOf(await person.ask(IDENTIFY, { input }))).toEqual(refused)
  })

  it('tells the audit log who searched it, and of each change', async () => {
    const { id } = await create()
    const [one] = await enrolled(1)
    await add(id, one?.record.id ?? '')
    await found(id, biometric.faces.person().sample())
    const told = await biometric.events('events.biometric.administered')
    const administratorId = operator.userId
    expect(told).toContainEqual({ act: 'gallery-created', subjectId: id, administratorId })
    expect(told).toContainEqual({ act: 'gallery-member-added', subjectId: one?.record.id, administratorId })
    expect(told).toContainEqual({ act: 'gallery-searched', subjectId: id, administratorId })
  })
})

describe('searches of galleries', () => {
  it('are limited a minute and caller, on all replicas together', async () => {
    const few = await startBiometric({ search: { searchesAMinute: 2 } })
    try {
      const caller = await few.person({ scopes: ['biometric:identify'] })
      const made = await caller.ask(CREATE, { input: { name: 'few', type: 'FACE', modelVersion: MODEL } })
      const { id } = answerOf(gallery, made)
      const replica = await few.replica()
      const search = (at?: Parameters<Person['ask']>[2]) => {
        const input = { galleryId: id, embedding: few.faces.person().sample(), modelVersion: MODEL }
        return caller.ask(IDENTIFY, { input }, at)
      }
      const answers = await Promise.all([0, 1, 0, 1, 0, 1, 0].map((at) => search(at === 0 ? undefined : replica)))
      const codes = answers.flatMap(codesOf)
      // seven that begin together meet two minutes at most, of which each takes two
      expect(codes.length).toBeGreaterThanOrEqual(3)
      expect(new Set(codes)).toEqual(new Set(['RATE_LIMIT_EXCEEDED']))
    } finally {
      await few.close()
    }
  })
})
