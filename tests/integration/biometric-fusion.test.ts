import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import { capturedAgain, syntheticIris } from '../../subgraphs/biometric/synthetic/synthetic-irises.js'
import {
  codesOf,
  ENROL,
  fieldsOf,
  MODEL,
  recordIn,
  sessionIn,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'

const SESSION = `fragment session on VerificationSession {
  id state percent attemptsLeft stepsTaken record { id } records { id type lastUsedAt } policy { name }
  result { decision falseMatchRate algorithm calibrationVersion }
}`
const START = `mutation ($ids: [ID!], $id: ID, $policy: String) {
  startVerification(input: { recordIds: $ids, recordId: $id, policy: $policy }) { ...session }
} ${SESSION}`
const SUBMIT = `mutation ($input: SubmitVerificationFrameInput!) { submitVerificationFrame(input: $input) { ...session } } ${SESSION}`
const COMPARISON = `query ($id: ID!) { anyVerificationSession(id: $id) { result { comparison { score threshold } } } }`

type Sample = Readonly<Record<string, unknown>>
interface Body {
  readonly voice: () => Sample
  readonly face: () => Sample
  readonly eye: () => Sample
}

const random = createRandomSource(20_261_125)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** Somebody by three modalities; `blur` moves captures of the voice away from it. */
function body(blur = 0.4): Body {
  const face = biometric.faces.person()
  const tone = Array.from({ length: 192 }, () => random.normal())
  const code = syntheticIris(random)
  return {
    face: () => ({ embedding: face.sample() }),
    voice: () => ({ embedding: tone.map((component) => component + blur * random.normal()) }),
    eye: () => {
      const captured = capturedAgain(code, random)
      return { iris: { code: base64(captured.code), mask: base64(captured.mask) } }
    },
  }
}

let biometric: StartedBiometric

beforeAll(async () => {
  biometric = await startBiometric({ seed: 64 })
})
afterAll(() => biometric.close())

/** Somebody enrolled by face and voice. */
async function enrolled(blur?: number) {
  const person = await biometric.person()
  const own = body(blur)
  const enrol = async (type: string, sample: Sample) =>
    recordIn(await person.ask(ENROL, { input: { type, modelVersion: MODEL, ...sample } })).id
  const ids = { face: await enrol('FACE', own.face()), voice: await enrol('VOICE', own.voice()) }
  return { person, own, enrol, ...ids }
}

/** Sends a frame with the nonce its verification has now. */
async function submit(person: Person, sessionId: string, recordId: string | undefined, sample: Sample) {
  const nonce = (await person.read(sessionId)).nonce ?? 'none'
  const input = { sessionId, nonce, modelVersion: MODEL, ...(recordId && { recordId }), ...sample }
  return person.ask(SUBMIT, { input })
}

describe('a verification against several records', () => {
  it('takes a frame of each, tells the step, and decides by all of them together', async () => {
    const { person, own, face, voice } = await enrolled()
    const started = sessionIn(await person.ask(START, { ids: [face, voice] }))
    expect(started).toMatchObject({
      ...{ state: 'CREATED', attemptsLeft: 3, stepsTaken: 0, policy: { name: 'multi' }, record: { id: face } },
      records: [{ type: 'FACE' }, { type: 'VOICE' }],
    })
    const half = sessionIn(await submit(person, started.id, face, own.face()))
    expect(half).toMatchObject({ state: 'CAPTURING', percent: 50, attemptsLeft: 2, stepsTaken: 1, result: null })
    const whole = sessionIn(await submit(person, started.id, voice, own.voice()))
    expect(whole).toMatchObject({
      ...{ state: 'SUCCEEDED', percent: 100, attemptsLeft: 2, stepsTaken: 2 },
      result: {
        ...{ decision: 'MATCH', falseMatchRate: 1e-4, algorithm: 'llr-sum-v1(cosine-float32-v1+cosine-float32-v1)' },
        calibrationVersion: 'theory-isotropic-d512-v1+theory-isotropic-d192-v1',
      },
    })
    for (const record of whole['records'] as { lastUsedAt: unknown }[]) expect(record.lastUsedAt).toMatch(/Z$/)
    const told = await biometric.events(`progress.verification.${person.userId}.${started.id}`)
    const first = { number: 1, of: 2, record: { id: face } }
    const second = { number: 2, of: 2, record: { id: voice } }
    expect(told).toEqual(
      (
        [
          ['CREATED', 0, first, 3],
          ['CAPTURING', 13, first, 2],
          ['PROCESSING', 25, first, 2],
          ['MATCHING', 38, first, 2],
          ['CAPTURING', 50, second, 2],
          ['CAPTURING', 63, second, 2],
          ['PROCESSING', 75, second, 2],
          ['MATCHING', 88, second, 2],
          ['SUCCEEDED', 100, second, 2],
        ] as const
      ).map(([state, percent, step, attemptsLeft]): unknown =>
        expect.objectContaining({ state, percent, step, attemptsLeft, qualityReasons: [] }),
      ),
    )
  })

  it('is passed where one modality alone would not have been', async () => {
    const { person, own, face, voice } = await enrolled(2.2) // cosines of about 0.17: below what a voice alone takes
    const alone = sessionIn(await person.ask(START, { id: voice }))
    expect(sessionIn(await submit(person, alone.id, undefined, own.voice())).state).toBe('CAPTURING')
    const { id } = sessionIn(await person.ask(START, { ids: [voice, face] }))
    expect(sessionIn(await submit(person, id, voice, own.voice())).state).toBe('CAPTURING')
    expect(sessionIn(await submit(person, id, face, own.face())).state).toBe('SUCCEEDED')
  })

  it('is failed by a stranger, one attempt a round', async () => {
    const { person, face, voice } = await enrolled()
    const stranger = body()
    const { id } = sessionIn(await person.ask(START, { ids: [face, voice] }))
    let session = sessionIn(
      await person.ask(`query ($id: ID!) { verificationSession(id: $id) { ...session } } ${SESSION}`, { id }),
    )
    let frames = 0
    while (session.state !== 'FAILED' && frames < 10) {
      if (frames === 5) biometric.pass(31_000) // five in a row from one device have to wait
      const awaited =
        session['stepsTaken'] === 0 ? ([face, stranger.face()] as const) : ([voice, stranger.voice()] as const)
      session = sessionIn(await submit(person, id, ...awaited))
      frames += 1
    }
    expect(session).toMatchObject({ state: 'FAILED', attemptsLeft: 0, result: { decision: 'NON_MATCH' } })
    const operator = await biometric.person({ scopes: ['biometric:admin', 'biometric:read'] })
    const { data } = await operator.ask(COMPARISON, { id })
    const { comparison } = (
      data?.['anyVerificationSession'] as { result: { comparison: { score: number; threshold: number } } }
    ).result
    expect(comparison.score).toBeLessThan(comparison.threshold)
  })

  it('is decided before the last frame, once no frame could change it', async () => {
    const admin = await biometric.person({ scopes: ['biometric:admin'] })
    const policy = 'one-in-a-million'
    const terms = { modality: 'MULTI', falseMatchRate: 1e-6, minimumQuality: 40, maximumFrames: 2 }
    // of this model 30,000 strangers are known: the best face says 10,000 to one, which a stranger's voice outweighs
    const rows = [
      { threshold: 0.1, falseMatches: 10_000, falseNonMatches: 0 },
      { threshold: 0.4, falseMatches: 0, falseNonMatches: 5 },
    ]
    const trial = { version: 'lab-face', modality: 'FACE', algorithm: 'cosine-float32-v1', modelVersion: 'lab-face' }
    const table = { genuineTrials: 100, impostorTrials: 30_000, rows }
    for (const [query, input] of [
      [
        'mutation ($input: DefineVerificationPolicyInput!) { defineVerificationPolicy(input: $input) { version } }',
        { name: policy, ...terms },
      ],
      [
        'mutation ($input: ImportCalibrationInput!) { importCalibration(input: $input) { version } }',
        { ...trial, description: 'none', table },
      ],
    ] as const) {
      expect((await admin.ask(query, { input })).errors).toEqual([])
    }
    const { person, own, voice } = await enrolled()
    const enrolment = { type: 'FACE', modelVersion: trial.modelVersion, ...own.face() }
    const { id: face } = recordIn(await person.ask(ENROL, { input: enrolment }))
    const { id } = sessionIn(await person.ask(START, { ids: [voice, face], policy }))
    const again = sessionIn(await submit(person, id, voice, body().voice()))
    expect(again).toMatchObject({ state: 'CAPTURING', stepsTaken: 0, attemptsLeft: 1, result: null })
    const failed = sessionIn(await submit(person, id, voice, body().voice()))
    expect(failed).toMatchObject({
      ...{ state: 'FAILED', attemptsLeft: 0 },
      result: { decision: 'NON_MATCH', calibrationVersion: 'theory-isotropic-d192-v1+lab-face' },
    })
  })

  it('awaits its records in their order, and names the one it awaits', async () => {
    const { person, own, face, voice } = await enrolled()
    const { id } = sessionIn(await person.ask(START, { ids: [voice, face] }))
    for (const [recordId, sample] of [
      [face, own.face()],
      [undefined, own.voice()],
      [crypto.randomUUID(), own.voice()],
    ] as const) {
      const answer = await submit(person, id, recordId, sample)
      expect(fieldsOf(answer)).toEqual(['input.recordId'])
      expect(answer.errors[0]?.extensions.details?.[0]?.reason).toContain(voice)
    }
    expect(sessionIn(await submit(person, id, voice, own.voice()))).toMatchObject({ attemptsLeft: 2, stepsTaken: 1 })
  })

  it('takes each frame once, however many come at once and on several replicas', async () => {
    const { person, own, face, voice } = await enrolled()
    const replica = await biometric.replica()
    const { id } = sessionIn(await person.ask(START, { ids: [face, voice] }))
    const { nonce } = await person.read(id)
    const input = () => ({ sessionId: id, nonce, recordId: face, modelVersion: MODEL, ...own.face() })
    const answers = await Promise.all([
      ...[0, 1].map(() => person.ask(SUBMIT, { input: input() })),
      ...[0, 1].map(() => person.ask(SUBMIT, { input: input() }, replica)),
    ])
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1)
    expect(sessionIn(await submit(person, id, voice, own.voice()))).toMatchObject({
      state: 'SUCCEEDED',
      attemptsLeft: 2,
    })
  })

  it.each([['FACE'], ['VOICE']])('ends when its %s is retired', async (type) => {
    const { person, own, face, voice } = await enrolled()
    const { id } = sessionIn(await person.ask(START, { ids: [face, voice] }))
    await submit(person, id, face, own.face())
    await person.ask('mutation ($id: ID!) { deactivateBiometric(id: $id) { id } }', {
      id: type === 'FACE' ? face : voice,
    })
    expect((await person.read(id)).state).toBe('CANCELLED')
    expect(codesOf(await submit(person, id, voice, own.voice()))).toEqual(['RES_CONFLICT'])
  })

  it('takes three modalities as well', async () => {
    const { person, own, enrol, face, voice } = await enrolled()
    const eye = await enrol('IRIS', own.eye())
    const { id } = sessionIn(await person.ask(START, { ids: [eye, face, voice] }))
    await submit(person, id, eye, own.eye())
    await submit(person, id, face, own.face())
    expect(sessionIn(await submit(person, id, voice, own.voice()))).toMatchObject({ state: 'SUCCEEDED', stepsTaken: 3 })
  })
})

describe('what can’t be verified together', () => {
  it.each<[string, (ids: { face: string; voice: string; other: string }) => Sample, string]>([
    ['one record', ({ face }) => ({ ids: [face] }), 'input.recordIds'],
    ['a record twice', ({ face }) => ({ ids: [face, face] }), 'input.recordIds'],
    ['two faces', ({ face, other }) => ({ ids: [face, other] }), 'input.recordIds'],
    ['five records', ({ face, voice, other }) => ({ ids: [face, voice, other, face, voice] }), 'input.recordIds'],
    ['none', () => ({}), 'input.recordId'],
    ['one and several', ({ face, voice }) => ({ id: face, ids: [face, voice] }), 'input.recordId'],
    ['records under a policy of faces', ({ face, voice }) => ({ ids: [face, voice], policy: 'face' }), 'input.policy'],
  ])('is %s', async (_what, variables, field) => {
    const { person, own, enrol, face, voice } = await enrolled()
    const answer = await person.ask(START, { ...variables({ face, voice, other: await enrol('FACE', own.face()) }) })
    expect(codesOf(answer)[0]).toMatch(/^VAL_/)
    expect(fieldsOf(answer)).toEqual([field])
  })

  it('is a record that is somebody else’s, missing or out of use', async () => {
    const { person, face, voice } = await enrolled()
    const { voice: foreign } = await enrolled()
    for (const id of [foreign, crypto.randomUUID(), 'no-uuid']) {
      expect(codesOf(await person.ask(START, { ids: [face, id] }))).toEqual(['RES_NOT_FOUND'])
    }
    await person.ask('mutation ($id: ID!) { deactivateBiometric(id: $id) { id } }', { id: voice })
    expect(codesOf(await person.ask(START, { ids: [face, voice] }))).toEqual(['RES_NOT_FOUND'])
  })
})
