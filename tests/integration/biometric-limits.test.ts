import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RunningService } from '../../platform/service/engines.js'
import {
  CANCEL,
  codesOf,
  fieldsOf,
  sessionIn,
  START,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import { until } from '../support/until.js'

let biometric: StartedBiometric
let replica: RunningService

beforeAll(async () => {
  biometric = await startBiometric({ seed: 21 })
  replica = await biometric.replica()
})

afterAll(() => biometric.close())

async function begun(): Promise<{ person: Person; recordId: string; sessionId: string }> {
  const person = await biometric.person()
  const { id: recordId } = await person.enrol()
  const { id: sessionId } = await person.start(recordId)
  return { person, recordId, sessionId }
}

const impostor = () => biometric.faces.person().sample()
const count = <Item>(items: readonly Item[], wanted: Item) => items.filter((item) => item === wanted).length
const statesOf = async (person: Person, sessionId: string) =>
  (await person.progressOf(sessionId)).map(({ state }) => state)

/** A verification against the record that ends without a match. */
async function fail(person: Person, recordId: string): Promise<void> {
  const { id } = await person.start(recordId)
  for (const probe of [impostor(), impostor(), impostor()]) await person.submit(id, probe)
  expect((await person.read(id)).state).toBe('FAILED')
}

describe('frames that come at once', () => {
  /** Frames that all carry the nonce there is before the first of them arrives. */
  async function allAtOnce(person: Person, sessionId: string, probes: readonly number[][]) {
    const { nonce } = await person.read(sessionId)
    const at = (index: number) => (index % 2 === 0 ? undefined : replica)
    return Promise.all(probes.map((embedding, index) => person.send(sessionId, { nonce, embedding }, at(index))))
  }

  it('are claimed once, at however many replicas: each nonce is good for one', async () => {
    const { person, sessionId } = await begun()
    const answers = await allAtOnce(person, sessionId, Array.from({ length: 20 }, impostor))
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1)
    expect(count(answers.flatMap(codesOf), 'BIOMETRIC_NONCE_STALE')).toBe(19)
    expect(await statesOf(person, sessionId)).toEqual(['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'CAPTURING'])
    expect(await person.read(sessionId)).toMatchObject({ attemptsLeft: 2 })
  })

  it('are claimed no oftener than there are attempts, however many senders ask for the next nonce', async () => {
    const { person, sessionId } = await begun()
    const sendUntilTaken = async (index: number): Promise<string> => {
      const probe = impostor()
      for (;;) {
        const answer = await person.submit(sessionId, probe, index % 2 === 0 ? undefined : replica)
        if (answer.errors.length === 0) return 'taken'
        expect(['RES_CONFLICT', 'BIOMETRIC_NONCE_STALE']).toContain(codesOf(answer)[0])
        if ((await person.read(sessionId)).state === 'FAILED') return 'refused'
      }
    }
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => sendUntilTaken(index)))
    expect([count(outcomes, 'taken'), count(outcomes, 'refused')]).toEqual([3, 17])
    const attempt = ['CAPTURING', 'PROCESSING', 'MATCHING']
    expect(await statesOf(person, sessionId)).toEqual([
      'CREATED',
      ...[...attempt, 'CAPTURING', ...attempt, 'CAPTURING', ...attempt],
      'FAILED',
    ])
  })

  it('are decided once when they match', async () => {
    const { person, sessionId } = await begun()
    await allAtOnce(
      person,
      sessionId,
      Array.from({ length: 8 }, () => person.face.sample()),
    )
    const states = await statesOf(person, sessionId)
    expect(count(states, 'SUCCEEDED')).toBe(1)
    expect(states.at(-1)).toBe('SUCCEEDED')
  })
})

describe('a nonce', () => {
  it('is new after each frame that is taken, stays after one that is refused, and ends with the verification', async () => {
    const { person, sessionId } = await begun()
    const nonces = [(await person.read(sessionId)).nonce]
    expect(codesOf(await person.submit(sessionId, [1, 2, 3]))).toEqual(['VAL_VALIDATION_FAILED'])
    expect((await person.read(sessionId)).nonce).toBe(nonces[0])
    nonces.push(sessionIn(await person.submit(sessionId, impostor())).nonce)
    expect(sessionIn(await person.submit(sessionId, person.face.sample())).nonce).toBeNull()
    expect(new Set(nonces).size).toBe(2)
    for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it.each(['used already', 'of another verification', 'made up', 'left empty'])(
    'that is %s is refused',
    async (what) => {
      const { person, recordId, sessionId } = await begun()
      const used = (await person.read(sessionId)).nonce
      await person.submit(sessionId, impostor())
      const other = (await person.start(recordId)).nonce
      const nonce = { 'used already': used, 'of another verification': other, 'made up': 'abc' }[what] ?? ''
      const answer = await person.send(sessionId, { nonce, embedding: person.face.sample() })
      expect([codesOf(answer), fieldsOf(answer)]).toEqual([['BIOMETRIC_NONCE_STALE'], ['input.nonce']])
      expect(await person.read(sessionId)).toMatchObject({ state: 'CAPTURING', attemptsLeft: 2 })
    },
  )
})

describe('giving up while a frame is being decided', () => {
  it('ends a verification one way or the other, never both', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => begun()))
    await Promise.all(
      people.flatMap(({ person, sessionId: id }) => [
        person.submit(id, person.face.sample()),
        person.ask(CANCEL, { id }),
        person.ask(CANCEL, { id }),
      ]),
    )
    for (const { person, sessionId } of people) {
      const states = await statesOf(person, sessionId)
      expect(count(states, 'SUCCEEDED') + count(states, 'CANCELLED')).toBe(1)
      const { state, result } = await person.read(sessionId)
      expect([state, result === null]).toEqual([states.at(-1), state === 'CANCELLED'])
    }
  })
})

describe('a frame whose process died', () => {
  const claimedAgo = (sessionId: string, ms: number) =>
    biometric.database.query(
      `UPDATE biometric.verification_sessions SET state = 'MATCHING', frame_id = $2, frame_claimed_at = $3, attempts_left = 2
       WHERE id = $1`,
      [sessionId, crypto.randomUUID(), new Date(Date.now() - ms)],
    )

  it('holds the verification for a while, then the next frame is taken', async () => {
    const { person, sessionId } = await begun()
    await claimedAgo(sessionId, 5_000)
    const probe = person.face.sample()
    expect(codesOf(await person.submit(sessionId, probe))).toEqual(['RES_CONFLICT'])
    await claimedAgo(sessionId, 11_000)
    expect(sessionIn(await person.submit(sessionId, probe))).toMatchObject({ state: 'SUCCEEDED', attemptsLeft: 1 })
  })
})

describe('a verification whose time runs out', () => {
  it('is expired by whoever looks first, and told once', async () => {
    const { person, sessionId } = await begun()
    await person.submit(sessionId, impostor())
    biometric.pass(119_000)
    expect((await person.read(sessionId)).state).toBe('CAPTURING')
    biometric.pass(1_001)
    const looks = await Promise.all(Array.from({ length: 4 }, () => person.read(sessionId)))
    for (const look of looks) expect(look).toMatchObject({ state: 'EXPIRED', percent: 100, result: null })
    expect(codesOf(await person.submit(sessionId, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(codesOf(await person.ask(CANCEL, { id: sessionId }))).toEqual(['RES_CONFLICT'])
    expect(count(await statesOf(person, sessionId), 'EXPIRED')).toBe(1)
  })

  it('takes no frame even when nobody has looked', async () => {
    const { person, sessionId } = await begun()
    biometric.pass(120_001)
    expect(codesOf(await person.submit(sessionId, person.face.sample()))).toEqual(['RES_CONFLICT'])
    expect(await statesOf(person, sessionId)).toEqual(['CREATED', 'EXPIRED'])
  })

  it('is swept by several replicas together, each told once; decided ones are left alone', async () => {
    const swept = await startBiometric({ sweepEveryMs: 10, seed: 22 })
    try {
      await swept.replica()
      const person = await swept.person()
      const { id: recordId } = await person.enrol()
      const decided = await person.start(recordId)
      await person.submit(decided.id, person.face.sample())
      const open = await Promise.all(Array.from({ length: 30 }, () => person.start(recordId)))
      swept.pass(120_001)
      const expired = `SELECT 1 FROM biometric.verification_sessions WHERE state = 'EXPIRED'`
      await until(async () => (await swept.database.query(expired)).rowCount === 30)
      for (const { id } of open) expect(await statesOf(person, id)).toEqual(['CREATED', 'EXPIRED'])
      expect((await person.read(decided.id)).state).toBe('SUCCEEDED')
    } finally {
      await swept.close()
    }
  })
})

/** How long the next verification against the record has to wait, in seconds, where it has to. */
async function waitOf(person: Person, recordId: string): Promise<number> {
  const refused = await person.ask(START, { id: recordId })
  expect(codesOf(refused)).toEqual(['RATE_LIMIT_EXCEEDED'])
  return refused.errors[0]?.extensions.retryAfter ?? 0
}

/** Comparisons that do not match, one a verification. */
async function failOneByOne(person: Person, recordId: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { id } = await person.start(recordId)
    expect(sessionIn(await person.submit(id, impostor())).state).toBe('CAPTURING')
  }
}

describe('failing again and again', () => {
  it('makes the user wait 30 s after five comparisons, within a verification too, and twice as long after each more', async () => {
    const { person, recordId, sessionId } = await begun()
    await fail(person, recordId)
    for (const probe of [impostor(), impostor()]) await person.submit(sessionId, probe)
    for (const seconds of [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
      const wait = await waitOf(person, recordId)
      expect([wait > seconds * 0.8, wait <= seconds]).toEqual([true, true])
      if (seconds === 30) {
        expect(codesOf(await person.submit(sessionId, impostor()))).toEqual(['RATE_LIMIT_EXCEEDED'])
        expect(await person.read(sessionId)).toMatchObject({ state: 'CAPTURING', attemptsLeft: 1 })
      }
      biometric.pass(seconds * 1000)
      await failOneByOne(person, recordId, 1)
    }
  })

  it('counts from nothing after a match, and for each user alone', async () => {
    const { person, recordId } = await begun()
    await failOneByOne(person, recordId, 4)
    const { id } = await person.start(recordId)
    expect(sessionIn(await person.submit(id, person.face.sample())).state).toBe('SUCCEEDED')
    await failOneByOne(person, recordId, 4)
    await person.start(recordId)
    const { person: other, recordId: others } = await begun()
    await other.start(others)
  })

  it('against one record is not forgiven for a match against another', async () => {
    const { person, recordId } = await begun()
    const own = biometric.faces.person()
    const { id: owned } = await person.enrol(own.sample())
    for (let times = 0; times < 5; times += 1) {
      await failOneByOne(person, recordId, 1)
      const { id } = await person.start(owned)
      expect(sessionIn(await person.submit(id, own.sample())).state).toBe('SUCCEEDED')
    }
    await waitOf(person, recordId)
    await person.start(owned)
  })

  it('from one device is not forgotten by going over to another record; another sign-in has a count of its own', async () => {
    const { person, recordId } = await begun()
    const { id: another } = await person.enrol()
    await failOneByOne(person, recordId, 3)
    await failOneByOne(person, another, 2)
    expect(await waitOf(person, recordId)).toBeLessThanOrEqual(30)
    const elsewhere = await biometric.subgraph.issuer.token({ userId: person.userId })
    expect((await biometric.subgraph.ask(START, { id: recordId }, elsewhere)).errors).toEqual([])
  })

  it('is totalled over all records and devices, which only time takes back: neither gives more guesses', async () => {
    const person = await biometric.person()
    const records = await Promise.all(Array.from({ length: 3 }, () => person.enrol()))
    const [first = '', second = '', third = ''] = records.map(({ id }) => id)
    for (const recordId of [first, second]) {
      for (let times = 0; times < 4; times += 1) await failOneByOne(await person.elsewhere(), recordId, 1)
    }
    const { id } = await person.start(first)
    expect(sessionIn(await person.submit(id, person.face.sample())).state).toBe('SUCCEEDED')
    const begunBefore = await person.start(third)
    await failOneByOne(await person.elsewhere(), first, 1)
    await failOneByOne(await person.elsewhere(), second, 1)
    const wait = await waitOf(person, third)
    expect([wait > 240, wait <= 300]).toEqual([true, true])
    expect(codesOf(await person.submit(begunBefore.id, impostor()))).toEqual(['RATE_LIMIT_EXCEEDED'])
    biometric.pass(300_001)
    await failOneByOne(await person.elsewhere(), third, 1)
    await waitOf(person, third)
  })

  it('gives no free guesses to who gives up before the last attempt', async () => {
    const { person, recordId } = await begun()
    for (let times = 0; times < 5; times += 1) {
      const { id } = await person.start(recordId)
      await person.submit(id, impostor())
      await person.ask(CANCEL, { id })
    }
    expect(codesOf(await person.ask(START, { id: recordId }))).toEqual(['RATE_LIMIT_EXCEEDED'])
  })

  it('gives no free guesses to who begins many verifications first and uses them all at once', async () => {
    const { person, recordId } = await begun()
    const sessions = await Promise.all(Array.from({ length: 12 }, () => person.start(recordId)))
    const answers = await Promise.all(
      sessions.map(({ id }, index) => person.submit(id, impostor(), index % 2 === 0 ? undefined : replica)),
    )
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(5)
    expect(count(answers.flatMap(codesOf), 'RATE_LIMIT_EXCEEDED')).toBe(7)
    const untouched = await Promise.all(sessions.map(({ id }) => person.read(id)))
    expect(
      count(
        untouched.map(({ attemptsLeft }) => attemptsLeft),
        3,
      ),
    ).toBe(7)
  })
})

describe('fifty failures in a row', () => {
  /** Somebody who has failed fifty times, with a verification begun before. */
  async function locked() {
    const { person, recordId, sessionId } = await begun()
    await failOneByOne(person, recordId, 1)
    const sql = `UPDATE biometric.failure_counters SET consecutive = 49, blocked_until = NULL
                 WHERE user_id = $1 AND subject_id = $2`
    await biometric.database.query(sql, [person.userId, recordId])
    await failOneByOne(person, recordId, 1)
    return { person, recordId, sessionId }
  }

  it('are the end: no time helps, and no verification begun before', async () => {
    const { person, recordId, sessionId } = await locked()
    biometric.pass(7 * 86_400_000)
    const refused = await person.ask(START, { id: recordId })
    expect(codesOf(refused)).toEqual(['BIOMETRIC_LOCKED'])
    expect(refused.errors[0]?.message).toMatch(/second factor/)
    biometric.pass(-7 * 86_400_000)
    expect(codesOf(await person.submit(sessionId, person.face.sample()))).toEqual(['BIOMETRIC_LOCKED'])
    expect(await person.read(sessionId)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
  })

  it('are forgiven for a sign-in by two factors after them, and for no other', async () => {
    const { person, recordId } = await locked()
    const signIn = async (methods: ('pwd' | 'otp')[], secondsLater: number) => {
      const sql = 'SELECT max(last_failed_at) AS at FROM biometric.failure_counters WHERE user_id = $1'
      const { rows } = await biometric.database.query<{ at: Date }>(sql, [person.userId])
      const authenticatedAt = new Date((rows[0]?.at.getTime() ?? 0) + secondsLater * 1000)
      return person.elsewhere({ methods, authenticatedAt })
    }
    for (const useless of [await signIn(['pwd'], 2), await signIn(['pwd', 'otp'], -2)]) {
      expect(codesOf(await useless.ask(START, { id: recordId }))).toEqual(['BIOMETRIC_LOCKED'])
    }
    const proven = await signIn(['pwd', 'otp'], 2)
    await failOneByOne(proven, recordId, 4)
    await failOneByOne(person, recordId, 1)
    expect(await waitOf(proven, recordId)).toBeLessThanOrEqual(30)
  })

  it('are lifted by an operator, which the audit log is told, and by nobody else', async () => {
    const { person, recordId } = await locked()
    const LIFT = 'mutation ($id: ID!) { liftBiometricLimits(userId: $id) }'
    const lift = (token: string) => biometric.subgraph.ask(LIFT, { id: person.userId }, token)
    expect(codesOf(await lift(person.token))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    const administratorId = crypto.randomUUID()
    const operator = await biometric.subgraph.issuer.token({ userId: administratorId, roles: ['admin'] })
    expect((await lift(operator)).data).toEqual({ liftBiometricLimits: true })
    expect((await lift(operator)).data).toEqual({ liftBiometricLimits: false })
    const { id } = await person.start(recordId)
    expect(sessionIn(await person.submit(id, person.face.sample())).state).toBe('SUCCEEDED')
    const told = { act: 'limits-lifted', subjectId: person.userId, administratorId }
    expect(await biometric.events('events.biometric.administered')).toEqual([told])
  })
})
