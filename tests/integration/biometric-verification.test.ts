import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  CANCEL,
  codesOf,
  fieldsOf,
  READ,
  sessionIn,
  START,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'

let biometric: StartedBiometric

beforeAll(async () => {
  biometric = await startBiometric({ seed: 20 })
})

afterAll(() => biometric.close())

/** Somebody enrolled, with a verification begun. */
async function begun(): Promise<{ person: Person; recordId: string; sessionId: string }> {
  const person = await biometric.person()
  const { id: recordId } = await person.enrol()
  const { id: sessionId } = await person.start(recordId)
  return { person, recordId, sessionId }
}

/** A probe of somebody else. */
function impostor(): number[] {
  return biometric.faces.person().sample()
}

const states = (steps: readonly { state: string }[]) => steps.map(({ state }) => state)

describe('a verification', () => {
  it('begins with the attempts and the life of the policy', async () => {
    const { person, recordId } = await begun()
    const session = await person.start(recordId)
    expect(session).toMatchObject({ state: 'CREATED', percent: 0, attemptsLeft: 3, result: null })
    expect(session['user']).toEqual({ id: person.userId })
    expect(session['record']).toMatchObject({ id: recordId, type: 'FACE', isActive: true })
    const life = Date.parse(String(session['expiresAt'])) - Date.parse(String(session['createdAt']))
    expect(life).toBe(120_000)
  })

  it('recognises the enrolled person and tells every state in order', async () => {
    const { person, recordId, sessionId } = await begun()
    const decided = sessionIn(await person.submit(sessionId, person.face.sample()))
    expect(decided).toMatchObject({
      state: 'SUCCEEDED',
      percent: 100,
      attemptsLeft: 2,
      result: {
        decision: 'MATCH',
        falseMatchRate: 1e-4,
        algorithm: 'cosine-float32-v1',
        calibrationVersion: 'theory-isotropic-d512-v1',
      },
    })
    expect(decided['record']).toMatchObject({ lastUsedAt: expect.stringMatching(/Z$/) })
    const told = await person.progressOf(sessionId)
    expect(states(told)).toEqual(['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'SUCCEEDED'])
    expect(told.map(({ percent }) => percent)).toEqual([0, 25, 50, 75, 100])
    for (const { message } of told) expect(message).toMatch(/\.$/)
    expect(await biometric.events('events.biometric.verified')).toContainEqual({
      sessionId,
      recordId,
      userId: person.userId,
      decision: 'MATCH',
    })
  })

  it('fails for somebody else once the attempts are used up, and tells every state in order', async () => {
    const { person, recordId, sessionId } = await begun()
    const first = sessionIn(await person.submit(sessionId, impostor()))
    expect(first).toMatchObject({ state: 'CAPTURING', attemptsLeft: 2, result: null })
    const second = sessionIn(await person.submit(sessionId, impostor()))
    expect(second).toMatchObject({ state: 'CAPTURING', attemptsLeft: 1, result: null })
    const third = sessionIn(await person.submit(sessionId, impostor()))
    expect(third).toMatchObject({ state: 'FAILED', percent: 100, attemptsLeft: 0, result: { decision: 'NON_MATCH' } })
    const told = await person.progressOf(sessionId)
    const attempt = ['CAPTURING', 'PROCESSING', 'MATCHING']
    expect(states(told)).toEqual([
      'CREATED',
      ...[...attempt, 'CAPTURING', ...attempt, 'CAPTURING', ...attempt],
      'FAILED',
    ])
    expect(told.map(({ percent }) => percent)).toEqual([0, 25, 50, 75, 10, 25, 50, 75, 10, 25, 50, 75, 100])
    expect(told[4]?.message).toMatch(/2 attempts are left.*try again/)
    expect(await biometric.events('events.biometric.verified')).toContainEqual({
      sessionId,
      recordId,
      userId: person.userId,
      decision: 'NON_MATCH',
    })
  })

  it('recognises the person after an attempt that did not match', async () => {
    const { person, sessionId } = await begun()
    await person.submit(sessionId, impostor())
    expect(sessionIn(await person.submit(sessionId, person.face.sample()))).toMatchObject({
      state: 'SUCCEEDED',
      attemptsLeft: 1,
    })
  })

  it('tells twenty persons from each other', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => begun()))
    await Promise.all(
      people.map(async ({ person, sessionId }, index) => {
        const other = people[(index + 1) % people.length]?.person ?? person
        expect(sessionIn(await person.submit(sessionId, other.face.sample())).state).toBe('CAPTURING')
        expect(sessionIn(await person.submit(sessionId, person.face.sample())).state).toBe('SUCCEEDED')
      }),
    )
  })

  it('takes no frame after its end', async () => {
    const { person, sessionId } = await begun()
    await person.submit(sessionId, person.face.sample())
    const before = await person.progressOf(sessionId)
    expect(codesOf(await person.submit(sessionId, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(await person.progressOf(sessionId)).toEqual(before)
  })
})

describe('a frame that is refused uses up no attempt, and but for its quality tells nobody', () => {
  const attemptsUnused = async ({ person, sessionId }: { person: Person; sessionId: string }) => {
    expect(await person.read(sessionId)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
    expect(states(await person.progressOf(sessionId))).toEqual(['CREATED'])
  }

  it.each([
    ['too few numbers', (probe: number[]) => probe.slice(1)],
    ['too many numbers', (probe: number[]) => [...probe, 0.1]],
    ['only zeros', (probe: number[]) => probe.map(() => 0)],
    ['no direction', (probe: number[]) => probe.map(() => 1e-30)],
    ['a number beyond reason', (probe: number[]) => [...probe.slice(1), 1e300]],
  ])('for %s', async (_what, spoil) => {
    const { person, sessionId } = await begun()
    const answer = await person.submit(sessionId, spoil(person.face.sample()))
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.embedding']])
    await attemptsUnused({ person, sessionId })
  })

  it.each([
    ['a weak signal', (probe: number[]) => probe.map((number) => number / 10), /come closer/],
    ['few numbers that dominate', (probe: number[]) => [...probe.slice(1), 10], /without glare/],
  ])('for %s, and tells who follows it what to do better', async (_what, spoil, advice) => {
    const { person, sessionId } = await begun()
    const answer = await person.submit(sessionId, spoil(person.face.sample()))
    expect([codesOf(answer), new Set(fieldsOf(answer))]).toEqual([
      ['VAL_VALIDATION_FAILED'],
      new Set(['input.embedding']),
    ])
    expect(await person.read(sessionId)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
    expect(await biometric.events(`progress.verification.${person.userId}.${sessionId}`)).toEqual([
      expect.objectContaining({ state: 'CREATED', qualityReasons: [], attemptsLeft: 3 }),
      expect.objectContaining({
        ...{ state: 'CREATED', percent: 0, attemptsLeft: 3 },
        message: expect.stringMatching(/uses up no attempt/),
        qualityReasons: expect.arrayContaining([expect.stringMatching(advice)]),
      }),
    ])
  })

  it('for poor quality again and again, of which twenty are told', async () => {
    const { person, sessionId } = await begun()
    for (let times = 0; times < 22; times += 1) {
      const answer = await person.submit(
        sessionId,
        person.face.sample().map((number) => number / 10),
      )
      expect(codesOf(answer)).toEqual(['VAL_VALIDATION_FAILED'])
    }
    expect(await person.progressOf(sessionId)).toHaveLength(1 + 20)
    expect(sessionIn(await person.submit(sessionId, person.face.sample())).state).toBe('SUCCEEDED')
  })

  it('for another model', async () => {
    const { person, sessionId } = await begun()
    const answer = await person.send(sessionId, { embedding: person.face.sample(), modelVersion: 'another-model' })
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.modelVersion']])
    await attemptsUnused({ person, sessionId })
  })

  it('for the enrolled template itself, also at another length', async () => {
    const person = await biometric.person()
    const sample = person.face.sample()
    const { id } = await person.enrol(sample)
    const { id: sessionId } = await person.start(id)
    for (const replay of [sample, sample.map((number) => number * 3)]) {
      const answer = await person.submit(sessionId, replay)
      expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.embedding']])
      expect(answer.errors[0]?.extensions.details?.[0]?.reason).toMatch(/sent before/)
    }
    await attemptsUnused({ person, sessionId })
  })

  /** A cosine of 0.99995 with the sample: noise of a hundredth of its length. */
  const nudged = (sample: readonly number[]) =>
    sample.map((number, index) => number + (0.01 * (index % 2 === 0 ? 1 : -1)) / Math.sqrt(sample.length))
  const inOneNumber = ([first = 0, ...rest]: readonly number[]) => [first + 1e-7, ...rest]

  it.each([
    ['in one number', inOneNumber],
    ['throughout', nudged],
  ])('for the enrolled template slightly altered %s', async (_where, alter) => {
    const person = await biometric.person()
    const sample = person.face.sample()
    const { id: sessionId } = await person.start((await person.enrol(sample)).id)
    const answer = await person.submit(sessionId, alter(sample))
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['VAL_VALIDATION_FAILED'], ['input.embedding']])
    await attemptsUnused({ person, sessionId })
  })

  it.each([
    ['in one number', inOneNumber],
    ['throughout', nudged],
  ])('for a probe that matched before, slightly altered %s, also by several at once', async (_where, alter) => {
    const { person, recordId, sessionId } = await begun()
    const probe = person.face.sample()
    expect(sessionIn(await person.submit(sessionId, probe)).state).toBe('SUCCEEDED')
    const { id: later } = await person.start(recordId)
    expect(codesOf(await person.submit(later, alter(probe)))).toEqual(['VAL_VALIDATION_FAILED'])
    await attemptsUnused({ person, sessionId: later })
    const sessions = await Promise.all(Array.from({ length: 4 }, () => person.start(recordId)))
    const fresh = person.face.sample()
    const answers = await Promise.all(
      sessions.map(({ id }, index) => person.submit(id, index % 2 === 0 ? fresh : alter(fresh))),
    )
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1)
  })

  it('for a probe that was compared before, in this verification or an earlier one', async () => {
    const { person, recordId, sessionId } = await begun()
    const probe = impostor()
    await person.submit(sessionId, probe)
    const { id: later } = await person.start(recordId)
    for (const id of [sessionId, later]) {
      expect(codesOf(await person.submit(id, probe))).toEqual(['VAL_VALIDATION_FAILED'])
    }
    expect(await person.read(sessionId)).toMatchObject({ state: 'CAPTURING', attemptsLeft: 2 })
    await attemptsUnused({ person, sessionId: later })
  })
})

describe('what is not yours', () => {
  it('is answered like what is missing', async () => {
    const { person, recordId, sessionId } = await begun()
    const stranger = await biometric.person()
    for (const id of [recordId, crypto.randomUUID(), 'no-uuid', '']) {
      expect(codesOf(await stranger.ask(START, { id }))).toEqual(['RES_NOT_FOUND'])
    }
    for (const id of [sessionId, crypto.randomUUID(), 'no-uuid', '']) {
      expect((await stranger.ask(READ, { id })).data).toEqual({ verificationSession: null })
      expect(codesOf(await stranger.ask(CANCEL, { id }))).toEqual(['RES_NOT_FOUND'])
      expect(codesOf(await stranger.submit(id, stranger.face.sample()))).toEqual(['RES_NOT_FOUND'])
    }
    expect(await person.read(sessionId)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
  })
})

describe('a verification that is given up', () => {
  it('counts no more, and is cancelled only once', async () => {
    const { person, sessionId } = await begun()
    expect(sessionIn(await person.ask(CANCEL, { id: sessionId }))).toMatchObject({ state: 'CANCELLED', result: null })
    expect(sessionIn(await person.ask(CANCEL, { id: sessionId })).state).toBe('CANCELLED')
    expect(codesOf(await person.submit(sessionId, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(states(await person.progressOf(sessionId))).toEqual(['CREATED', 'CANCELLED'])
  })

  it('is not undone by giving up after the decision', async () => {
    const { person, sessionId } = await begun()
    await person.submit(sessionId, person.face.sample())
    expect(codesOf(await person.ask(CANCEL, { id: sessionId }))).toEqual(['RES_CONFLICT'])
    expect((await person.read(sessionId)).state).toBe('SUCCEEDED')
  })
})

describe('a record that is retired under a verification', () => {
  it.each([
    ['deactivated', 'deactivateBiometric(id: $id) { isActive }'],
    ['deleted', 'deleteBiometric(id: $id)'],
  ])('cancels it when %s, and can begin no other', async (how, field) => {
    const { person, recordId, sessionId } = await begun()
    expect((await person.ask(`mutation ($id: ID!) { ${field} }`, { id: recordId })).errors).toEqual([])
    const session = await person.read(sessionId)
    expect(session.state).toBe('CANCELLED')
    expect(session['record']).toEqual(how === 'deleted' ? null : expect.objectContaining({ isActive: false }))
    expect(codesOf(await person.submit(sessionId, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(codesOf(await person.ask(START, { id: recordId }))).toEqual(['RES_NOT_FOUND'])
    expect(states(await person.progressOf(sessionId))).toEqual(['CREATED', 'CANCELLED'])
  })
})

it('decides by the policy it was configured with', async () => {
  const strict = await startBiometric({ policy: { maximumFrames: 1, falseMatchRate: 1e-6 } })
  try {
    const person = await strict.person()
    const { id } = await person.start((await person.enrol()).id)
    const failed = sessionIn(await person.submit(id, strict.faces.person().sample()))
    expect(failed).toMatchObject({ state: 'FAILED', result: { decision: 'NON_MATCH', falseMatchRate: 1e-6 } })
  } finally {
    await strict.close()
  }
})
