/** What capture software may send that is broken or lies: enrolled or as a frame, it is refused by field and leaves nothing behind. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  writeEdition2005,
  writeEdition2011,
} from '../../subgraphs/biometric/domain/fingerprint/records/write-finger-record.js'
import {
  codesOf,
  ENROL,
  fieldsOf,
  MODEL,
  recordIn,
  sessionIn,
  START,
  startBiometric,
  SUBMIT,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import { base64, createBodySource, viewOf, type Sample } from '../support/synthetic-bodies.js'

const bodies = createBodySource(20_261_122)
const written: Uint8Array[] = []
/** As a record of 2005; what was written is kept, to be spoilt. */
const finger = bodies.finger((minutiae) => {
  written.push(writeEdition2011(viewOf(minutiae)), writeEdition2005(viewOf(minutiae)))
  return { fingerRecord: base64(written.at(-1) ?? new Uint8Array()) }
})
const [tip, eye] = [finger(), bodies.eye()]
tip.capture()
const [edition2011 = new Uint8Array(), edition2005 = new Uint8Array()] = written

/** A record with some of its bytes told otherwise. */
function lying(record: Uint8Array, at: number, ...bytes: number[]): Sample {
  const changed = record.slice()
  changed.set(bytes, at < 0 ? changed.length + at : at)
  return { fingerRecord: base64(changed) }
}

const plain = Array.from({ length: 512 }, (_, index) => Math.sin(index))
const noBits = base64(new Uint8Array(256))
const allBits = base64(new Uint8Array(256).fill(255))

const minutia = { x: 1, y: 1, direction: 0, type: 'ENDING' }
const crowd = (count: number) => Array.from({ length: count }, (_, at) => ({ ...minutia, x: at % 800, y: at % 800 }))

// where a record of 2005 has its numbers, and one of 2011
const [LENGTH, VIEWS_2005, COUNT_2005, VIEWS_2011, REPRESENTATION_2011, COUNT_2011] = [8, 22, 27, 12, 15, 51]

const cases: [what: string, type: string, sample: Sample, field: string][] = [
  ['a face of 511 numbers', 'FACE', { embedding: plain.slice(1) }, 'input.embedding'],
  ['a face of 513 numbers', 'FACE', { embedding: [...plain, 1] }, 'input.embedding'],
  ['a face of no numbers', 'FACE', { embedding: [] }, 'input.embedding'],
  ['a face of zeros', 'FACE', { embedding: plain.map(() => 0) }, 'input.embedding'],
  ['a face of numbers too small to have a direction', 'FACE', { embedding: plain.map(() => 1e-40) }, 'input.embedding'],
  ['a face whose length is no number', 'FACE', { embedding: plain.map(() => 1e300) }, 'input.embedding'],
  ['an iris whose mask has no bits', 'IRIS', { iris: { code: allBits, mask: noBits } }, 'input.iris.mask'],
  ['an iris of a byte too few', 'IRIS', { iris: { code: allBits.slice(4), mask: allBits } }, 'input.iris.code'],
  ['a mask of a byte too few', 'IRIS', { iris: { code: allBits, mask: allBits.slice(4) } }, 'input.iris.mask'],
  ['an iris that is no base64', 'IRIS', { iris: { code: '?', mask: '?' } }, 'input.iris.code'],
  ['no bytes', 'FINGERPRINT', { fingerRecord: '' }, 'input.fingerRecord'],
  ['a record that claims more bytes', 'FINGERPRINT', lying(edition2005, LENGTH, 255), 'input.fingerRecord'],
  ['a record that claims no bytes', 'FINGERPRINT', lying(edition2005, LENGTH, 0, 0, 0, 0), 'input.fingerRecord'],
  ['a record that claims no views', 'FINGERPRINT', lying(edition2005, VIEWS_2005, 0), 'input.fingerRecord'],
  ['a record that claims 255 views', 'FINGERPRINT', lying(edition2005, VIEWS_2005, 255), 'input.fingerRecord'],
  ['a record that claims 255 minutiae', 'FINGERPRINT', lying(edition2005, COUNT_2005, 255), 'input.fingerRecord'],
  ['a record that claims no minutiae', 'FINGERPRINT', lying(edition2005, COUNT_2005, 0), 'input.fingerRecord'],
  ['a record that claims 65,535 further bytes', 'FINGERPRINT', lying(edition2005, -2, 255, 255), 'input.fingerRecord'],
  [
    'a record that claims 65,535 representations',
    'FINGERPRINT',
    lying(edition2011, VIEWS_2011, 255, 255),
    'input.fingerRecord',
  ],
  [
    'a record that claims a representation of 4 GiB',
    'FINGERPRINT',
    lying(edition2011, REPRESENTATION_2011, 255, 255, 255, 255),
    'input.fingerRecord',
  ],
  [
    'a record of 2011 that claims 255 minutiae',
    'FINGERPRINT',
    lying(edition2011, COUNT_2011, 255),
    'input.fingerRecord',
  ],
  ['a record of another edition', 'FINGERPRINT', lying(edition2005, 5, 0x39), 'input.fingerRecord'],
  ['a record that is none', 'FINGERPRINT', { fingerRecord: base64(new Uint8Array(64)) }, 'input.fingerRecord'],
  ['as many minutiae as a body holds', 'FINGERPRINT', { minutiae: crowd(15_000) }, 'input.minutiae'],
  ['256 minutiae', 'FINGERPRINT', { minutiae: crowd(256) }, 'input.minutiae'],
  ['no minutiae', 'FINGERPRINT', { minutiae: [] }, 'input.minutiae'],
  ['a minutia turned by 360 degrees', 'FINGERPRINT', { minutiae: [{ ...minutia, direction: 360 }] }, 'input.minutiae'],
  ['a minutia beside the sensor', 'FINGERPRINT', { minutiae: [{ ...minutia, x: -1 }] }, 'input.minutiae'],
  ['an embedding for an iris', 'IRIS', { embedding: [1, 2] }, 'input.embedding'],
  ['nothing for an iris', 'IRIS', {}, 'input.iris'],
  ['two samples', 'FINGERPRINT', { minutiae: crowd(3), fingerRecord: 'AAAA' }, 'input.minutiae'],
]

let biometric: StartedBiometric
let person: Person
/** One of each kind that waits for a frame. */
const sessions = new Map<string, string>()
let recordId: string

async function begin(type: string, sample: Sample): Promise<void> {
  const { id } = recordIn(await person.ask(ENROL, { input: { type, modelVersion: MODEL, ...sample } }))
  if (type === 'FACE') recordId = id
  sessions.set(type, (await person.start(id)).id)
}

beforeAll(async () => {
  biometric = await startBiometric({ seed: 28, policy: { sessionLifeMs: 3_600_000 } }) // they wait for the last test
  person = await biometric.person()
  await begin('FACE', { embedding: person.face.sample() })
  await begin('IRIS', eye.capture())
  await begin('FINGERPRINT', tip.capture())
})

afterAll(() => biometric.close())

const sessionOf = (type: string) => sessions.get(type) ?? 'none'

/** Every row there is, but for those on their way to the bus. */
async function everyRow(): Promise<unknown> {
  const { rows: tables } = await biometric.database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'biometric' AND table_name NOT IN ('outbox_events', '_prisma_migrations') ORDER BY 1`,
  )
  const columns = tables.map(
    ({ name }) => `(SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text) FROM biometric."${name}" t) AS "${name}"`,
  )
  return (await biometric.database.query(`SELECT ${columns.join()}`)).rows[0]
}

/** Sends a sample both ways; each is refused, naming the field, and no row is another than before. */
async function expectRefused(type: string, sample: Sample, field: string): Promise<void> {
  const before = await everyRow()
  const enrolled = await person.ask(ENROL, { input: { type, modelVersion: MODEL, ...sample } })
  const framed = await person.send(sessionOf(type), sample)
  for (const answer of [enrolled, framed]) {
    expect(codesOf(answer)).toEqual(['VAL_VALIDATION_FAILED'])
    expect(fieldsOf(answer)[0]).toBe(field)
    expect(JSON.stringify(answer.errors)).not.toMatch(/node_modules|\.[jt]s:|prisma|SELECT/i)
  }
  expect(await everyRow()).toEqual(before)
}

describe('a sample that is broken or lies', () => {
  it.each(cases)('is refused: %s', (_what, type, sample, field) => expectRefused(type, sample, field))

  it.each([
    ['2005', edition2005],
    ['2011', edition2011],
  ])('is refused: a record of %s that ends anywhere before its end', async (_edition, record) => {
    const before = await everyRow()
    const refused = ['VAL_VALIDATION_FAILED', 'input.fingerRecord']
    const answers = await Promise.all(
      Array.from(record, (_, length) => {
        const fingerRecord = base64(record.subarray(0, length))
        return person.ask(ENROL, { input: { type: 'FINGERPRINT', modelVersion: MODEL, fingerRecord } })
      }),
    )
    const taken = answers.flatMap((answer, length) =>
      [...codesOf(answer), fieldsOf(answer)[0]].join() === refused.join() ? [] : [length],
    )
    expect([answers.length, taken]).toEqual([record.length, []])
    expect(await everyRow()).toEqual(before)
  })

  it.each(['[NaN]', '[Infinity]', '[-1e999]', '[null]', '"NaN"', '{}'])(
    'is refused: a face of %s, however it is written',
    async (numbers) => {
      const before = await everyRow()
      const literal = `mutation { enrollBiometric(input: { type: FACE, modelVersion: "m", embedding: ${numbers} }) { id } }`
      for (const body of [
        JSON.stringify({ query: literal }),
        `{"query": ${JSON.stringify(ENROL)}, "variables": {"input": {"type": "FACE", "modelVersion": "m", "embedding": ${numbers}}}}`,
      ]) {
        const answer = await postText(body)
        expect(answer).toMatch(
          /"code":"(GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT|REQUEST_BODY_MALFORMED|VAL_VALIDATION_FAILED)"/,
        )
        expect(answer).not.toContain('"id"')
      }
      expect(await everyRow()).toEqual(before)
    },
  )

  it('is not enrolled: three minutiae in a row', async () => {
    const before = await everyRow()
    const answer = await person.ask(ENROL, { input: { type: 'FINGERPRINT', modelVersion: MODEL, minutiae: crowd(3) } })
    expect([codesOf(answer), fieldsOf(answer)[0]]).toEqual([['VAL_VALIDATION_FAILED'], 'input.minutiae'])
    expect(await everyRow()).toEqual(before)
  })

  it('is refused: more faults than are told one by one', async () => {
    const minutiae = crowd(100).map((each) => ({ ...each, type: 'SPIRAL' }))
    const answer = await person.ask(ENROL, { input: { type: 'FINGERPRINT', modelVersion: MODEL, minutiae } })
    expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_USER_INPUT']))
  })

  it('is refused: a body of 10 MB', async () => {
    const before = await everyRow()
    const embedding = Array.from({ length: 2_000_000 }, () => 0.25)
    const input = { type: 'FACE', modelVersion: MODEL, embedding }
    expect(await postText(JSON.stringify({ query: ENROL, variables: { input } }))).toContain('REQUEST_BODY_TOO_LARGE')
    expect(await everyRow()).toEqual(before)
  })
})

async function postText(body: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${biometric.subgraph.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
    body,
  })
  return response.text()
}

describe('a frame out of turn', () => {
  it("is refused for another model, another one's record, and a nonce that was made up", async () => {
    const embedding = person.face.sample()
    const id = sessionOf('FACE')
    const stranger = await biometric.person()
    const { id: foreign } = await stranger.enrol()
    const begun = await everyRow() // the stranger's enrolment is theirs
    const refused = [
      [await person.send(id, { embedding, modelVersion: 'another' }), 'VAL_VALIDATION_FAILED', 'input.modelVersion'],
      [await person.send(id, { embedding, recordId: foreign }), 'VAL_VALIDATION_FAILED', 'input.recordId'],
      [await person.send(id, { embedding, nonce: 'made-up' }), 'BIOMETRIC_NONCE_STALE', 'input.nonce'],
      [await person.ask(START, { id: foreign }), 'RES_NOT_FOUND', undefined],
      [await stranger.send(id, { embedding }), 'RES_NOT_FOUND', undefined],
    ] as const
    for (const [answer, code, field] of refused) {
      expect(codesOf(answer)).toEqual([code])
      expect(fieldsOf(answer)[0]).toBe(field)
    }
    expect(await everyRow()).toEqual(begun)
  })

  it('is refused for a nonce used before, and after the end', async () => {
    const { id, nonce } = await person.start(recordId)
    const use = (embedding: readonly number[]) =>
      person.ask(SUBMIT, { input: { sessionId: id, nonce, embedding, modelVersion: MODEL } })
    sessionIn(await use(biometric.faces.person().sample()))
    const open = await everyRow()
    const again = await use(person.face.sample())
    expect([codesOf(again), fieldsOf(again)]).toEqual([['BIOMETRIC_NONCE_STALE'], ['input.nonce']])
    expect(await everyRow()).toEqual(open)
    expect(sessionIn(await person.submit(id, person.face.sample())).state).toBe('SUCCEEDED')
    const ended = await everyRow()
    expect(codesOf(await person.submit(id, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(await everyRow()).toEqual(ended)
  })
})

describe('after all of that', () => {
  it('every session still has all its attempts, tells nothing but its beginning, and is decided', async () => {
    const own: readonly [type: string, sample: Sample][] = [
      ['FACE', { embedding: person.face.sample() }],
      ['IRIS', eye.capture()],
      ['FINGERPRINT', tip.capture()],
    ]
    for (const [type, sample] of own) {
      const id = sessionOf(type)
      expect(await person.read(id)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
      expect((await person.progressOf(id)).map(({ state }) => state)).toEqual(['CREATED'])
      expect(sessionIn(await person.send(id, sample))).toMatchObject({ state: 'SUCCEEDED', attemptsLeft: 2 })
    }
  })
})
