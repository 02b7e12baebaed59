/** A frame whose process is killed before its decision is written decides nothing: the session goes on at another process. */
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import type { Bus } from '../../platform/bus/bus.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, dropNamespace, newNamespace } from '../support/nats-namespace.js'
import type { BiometricProgramArgument } from '../support/programs/biometric-subgraph.js'
import { codesOf, post, type RawAnswer } from '../support/raw-request.js'
import { ENROL, MODEL, READ, START, SUBMIT } from '../support/start-biometric.js'
import { createFaceSource, type SyntheticPerson } from '../support/synthetic-faces.js'
import { createTestIssuer, type TestIssuer } from '../support/test-tokens.js'
import { until } from '../support/until.js'

const PATIENCE_MS = 60_000 // of a machine that may be busy
const LEASE_MS = 30 * 60_000 // clocks are put forward past these: nobody waits for them
const LIFE_MS = 120 * 60_000

interface Replica {
  ask(query: string, variables: Record<string, unknown>, token: string): Promise<RawAnswer>
  /** Puts its clock forward. */
  pass(ms: number): Promise<void>
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

interface Verifying {
  readonly userId: string
  readonly token: string
  readonly face: SyntheticPerson
  readonly recordId: string
  readonly sessionId: string
}

const session = z.object({
  ...{ id: z.string(), state: z.string(), attemptsLeft: z.number(), nonce: z.string().nullable() },
  result: z.looseObject({ decision: z.string() }).nullable(),
})
const idOnly = z.looseObject({ id: z.string() })

function only<T extends z.ZodType>(shape: T, { body }: RawAnswer): z.output<T> {
  if (body.errors !== undefined) throw new Error(`This should have been answered: ${JSON.stringify(body.errors)}`)
  return shape.parse(Object.values(body.data ?? {})[0])
}

await describeWithEngine('nats', 'verifications whose process is killed', (natsUrl) => {
  const namespace = newNamespace()
  const masterKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
  const faces = createFaceSource(27)
  const processes: ChildProcess[] = []
  let issuer: TestIssuer
  let database: TestDatabase
  let pool: pg.Pool
  let bus: Bus

  beforeAll(async () => {
    issuer = await createTestIssuer()
    database = await createTestDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 2 })
    bus = await connectTestBus(natsUrl(), namespace)
  }, PATIENCE_MS)

  afterEach(() => processes.splice(0).forEach((each) => each.kill('SIGKILL')))

  afterAll(async () => {
    await bus.close()
    await pool.end()
    await database.drop()
    await dropNamespace(natsUrl(), namespace)
  })

  async function startReplica(): Promise<Replica> {
    const { issuer: name, audience, signingKeys } = issuer
    const argument: BiometricProgramArgument = {
      ...{ databaseUrl: database.url, natsUrl: natsUrl(), namespace, masterKey },
      tokens: { issuer: name, audience, signingKeys },
      policy: { frameLeaseMs: LEASE_MS, sessionLifeMs: LIFE_MS },
    }
    const program = path.join(projectRoot, 'tests', 'support', 'programs', 'biometric-subgraph.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(argument)], {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    processes.push(child)
    const [port] = await once(child, 'message')
    return {
      ask: (query, variables, token) => post(`http://127.0.0.1:${Number(port)}/graphql`, query, variables, token),
      async pass(ms) {
        const passed = once(child, 'message')
        child.send(ms)
        await passed
      },
      async kill() {
        const died = once(child, 'exit')
        child.kill('SIGKILL')
        await died
      },
    }
  }

  /** Somebody enrolled, with a verification begun. */
  async function begin(replica: Replica): Promise<Verifying> {
    const [userId, face] = [crypto.randomUUID(), faces.person()]
    const token = await issuer.token({ userId })
    const agree = "INSERT INTO biometric.biometric_consents VALUES ($1, true, '1', now() - interval '1 day')"
    await pool.query(agree, [userId])
    const sample = { type: 'FACE', embedding: face.sample(), modelVersion: MODEL }
    const { id: recordId } = only(idOnly, await replica.ask(ENROL, { input: sample }, token))
    const { id: sessionId } = only(idOnly, await replica.ask(START, { id: recordId }, token))
    return { userId, token, face, recordId, sessionId }
  }

  const read = async (replica: Replica, { sessionId, token }: Verifying) =>
    only(session, await replica.ask(READ, { id: sessionId }, token))

  async function submit(replica: Replica, whose: Verifying, embedding: readonly number[]): Promise<RawAnswer> {
    const { nonce } = await read(replica, whose)
    const input = { sessionId: whose.sessionId, nonce, embedding, modelVersion: MODEL }
    return replica.ask(SUBMIT, { input }, whose.token)
  }

  /** Kills a process while it writes the decisions of these frames, and nothing of them is written. */
  async function killMidway(replica: Replica, all: readonly Verifying[], probes: readonly number[][]): Promise<void> {
    const holder = await pool.connect()
    await holder.query('BEGIN')
    const held = 'SELECT 1 FROM biometric.biometric_records WHERE id = ANY($1) FOR SHARE' // a match notes when it was used
    await holder.query(held, [all.map(({ recordId }) => recordId)])
    const answers = all.map((whose, index) =>
      submit(replica, whose, probes[index] ?? []).then(
        () => 'answered',
        () => 'lost',
      ),
    )
    const waiting = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%biometric_records%'`
    await until(async () => (await pool.query(waiting)).rowCount === all.length, PATIENCE_MS)
    await replica.kill()
    expect(await Promise.all(answers)).toEqual(all.map(() => 'lost'))
    await holder.query('ROLLBACK')
    holder.release()
  }

  /** What was told up to a mark that is set now, everything before being published. */
  async function told(subject: string): Promise<unknown[]> {
    await until(async () => (await pool.query('SELECT 1 FROM biometric.outbox_events')).rowCount === 0, PATIENCE_MS)
    const stream = subject.split('.', 1)[0]
    const follower = await bus.follow(`${stream}.>`, 'all')
    const id = crypto.randomUUID()
    const occurredAt = new Date().toISOString()
    await bus.publish(`${stream}.test.mark`, { id, type: 'test.mark', version: 1, occurredAt, traceId: id, data: null })
    const found: unknown[] = []
    for await (const event of follower) {
      if (event.envelope.id === id) break
      if (event.subject === subject) found.push(event.envelope.data)
    }
    return found
  }

  const statesTold = async ({ userId, sessionId }: Verifying) =>
    z
      .array(z.object({ state: z.string() }))
      .parse(await told(`progress.verification.${userId}.${sessionId}`))
      .map(({ state }) => state)

  it(
    'are decided by another process once, or run out of time once',
    async () => {
      const [first, second] = await Promise.all([startReplica(), startReplica()])
      const [returning, leaving] = [await begin(first), await begin(first)]
      const probe = returning.face.sample()
      await killMidway(first, [returning, leaving], [probe, leaving.face.sample()])

      const undecided = { state: 'MATCHING', attemptsLeft: 2, result: null }
      expect(await read(second, returning)).toMatchObject(undecided)
      expect(codesOf(await submit(second, returning, returning.face.sample()))).toEqual(['RES_CONFLICT'])
      expect(await read(second, returning)).toMatchObject(undecided)

      await second.pass(LEASE_MS + 1_000)
      expect(codesOf(await submit(second, returning, probe))).toEqual(['VAL_VALIDATION_FAILED']) // it was claimed before
      const decided = only(session, await submit(second, returning, returning.face.sample()))
      expect(decided).toMatchObject({ state: 'SUCCEEDED', attemptsLeft: 1, result: { decision: 'MATCH' } })

      await second.pass(LIFE_MS)
      expect(await read(second, leaving)).toMatchObject({ state: 'EXPIRED', result: null })
      expect(await read(second, returning)).toEqual(decided)

      const attempt = ['CAPTURING', 'PROCESSING', 'MATCHING']
      expect(await statesTold(returning)).toEqual(['CREATED', ...attempt, ...attempt, 'SUCCEEDED'])
      expect(await statesTold(leaving)).toEqual(['CREATED', ...attempt, 'EXPIRED'])
      const { userId, recordId, sessionId } = returning
      expect(await told('events.biometric.verified')).toEqual([{ sessionId, recordId, userId, decision: 'MATCH' }])
    },
    4 * PATIENCE_MS,
  )
})
