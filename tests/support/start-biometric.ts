/**
 * The biometric subgraph with people to enrol. In: its policy, where another one is wanted. Out: people with synthetic
 * faces, what they are answered, and what the other services are told. Its clock can be put forward.
 */
import pg from 'pg'
import { z } from 'zod'
import type { Bus } from '../../platform/bus/bus.js'
import { createLogger } from '../../platform/log/logger.js'
import type { RunningService } from '../../platform/service/engines.js'
import { defaultMatching, defaultSearch, type BiometricConfig } from '../../subgraphs/biometric/config.js'
import { defaultPolicy, type VerificationPolicy } from '../../subgraphs/biometric/domain/policy.js'
import { openBiometricService } from '../../subgraphs/biometric/service.js'
import { startSubgraph, type Answer, type StartedSubgraph } from './start-subgraph.js'
import { createFaceSource, type FaceSource, type SyntheticPerson } from './synthetic-faces.js'
import type { TestTokenOptions } from './test-tokens.js'
import { until } from './until.js'

const SESSION = `fragment session on VerificationSession {
  id state percent attemptsLeft nonce createdAt expiresAt user { id } record { id type isActive lastUsedAt }
  result { decision falseMatchRate algorithm calibrationVersion decidedAt }
}`
export const ENROL = `mutation ($input: EnrollBiometricInput!) {
  enrollBiometric(input: $input) { id type qualityScore modelVersion isActive enrolledAt lastUsedAt user { id } }
}`
export const START = `mutation ($id: ID!) { startVerification(input: { recordId: $id }) { ...session } } ${SESSION}`
export const SUBMIT = `mutation ($input: SubmitVerificationFrameInput!) { submitVerificationFrame(input: $input) { ...session } } ${SESSION}`
export const CANCEL = `mutation ($id: ID!) { cancelVerification(id: $id) { ...session } } ${SESSION}`
export const READ = `query ($id: ID!) { verificationSession(id: $id) { ...session } } ${SESSION}`

export const MODEL = 'synthetic-face-1'

export interface StartedBiometric {
  readonly subgraph: StartedSubgraph
  readonly faces: FaceSource
  /** The service's database. */
  readonly database: pg.Pool
  /** Every line that was logged. */
  readonly logged: readonly string[]
  /** Puts the service's clock forward. */
  pass(ms: number): void
  /** Another replica on the same engines; closed with the rest. */
  replica(): Promise<RunningService>
  /** Somebody who agrees to be measured, unless told otherwise. */
  person(options?: { readonly scopes?: readonly string[]; readonly agrees?: boolean }): Promise<Person>
  /** What has been published on a subject, once the service has nothing left to publish. */
  events(subject: string): Promise<readonly unknown[]>
  close(): Promise<void>
}

export interface Person {
  readonly userId: string
  readonly token: string
  readonly face: SyntheticPerson
  ask(query: string, variables?: Record<string, unknown>, at?: RunningService): Promise<Answer>
  /** Enrols a sample of their face, or the one given. */
  enrol(embedding?: readonly number[]): Promise<EnrolledRecord>
  /** Begins a verification against a record. */
  start(recordId: string): Promise<Session>
  submit(sessionId: string, embedding: readonly number[], at?: RunningService): Promise<Answer>
  /** Sends a frame with the nonce its verification has now, unless another one is given. */
  send(sessionId: string, frame: Readonly<Record<string, unknown>>, at?: RunningService): Promise<Answer>
  read(sessionId: string): Promise<Session>
  /** The same person, signed in once more. */
  elsewhere(options?: Omit<TestTokenOptions, 'userId'>): Promise<Person>
  /** What they are told about a verification. */
  progressOf(sessionId: string): Promise<readonly Progress[]>
}

const record = z.looseObject({ id: z.string(), qualityScore: z.number() })
type EnrolledRecord = z.infer<typeof record>

const session = z.looseObject({
  id: z.string(),
  state: z.string(),
  percent: z.number(),
  attemptsLeft: z.number(),
  nonce: z.string().nullable().default(null),
  result: z.looseObject({ decision: z.string() }).nullable(),
})
export type Session = z.infer<typeof session>

const progress = z.object({ state: z.string(), percent: z.number(), message: z.string() })
type Progress = z.infer<typeof progress>

export interface BiometricChanges {
  readonly policy?: Partial<VerificationPolicy>
  readonly sweepEveryMs?: number
  readonly callbacks?: Partial<BiometricConfig['callbacks']>
  readonly search?: Partial<BiometricConfig['search']>
  readonly seed?: number
  readonly wrapBus?: (bus: Bus) => Bus
}

/** Sweeps only when it is told how often, so that a test of something else meets no sweep. */
export async function startBiometric(changes: BiometricChanges = {}): Promise<StartedBiometric> {
  const config = configFor(changes)
  const logged: string[] = []
  let passedMs = 0
  const now = () => new Date(Date.now() + passedMs)
  const subgraph = await startSubgraph({
    open: (engines) => openBiometricService(config, engines, { now }),
    logger: createLogger({ service: 'test', level: 'trace', destination: { write: (line) => void logged.push(line) } }),
    ...(changes.wrapBus && { wrapBus: changes.wrapBus }),
  })
  const database = new pg.Pool({ connectionString: subgraph.engines.databaseUrl, max: 2 })
  const faces = createFaceSource(changes.seed ?? 1)
  const replicas: RunningService[] = []
  const events = async (subject: string) => {
    await until(async () => (await database.query('SELECT 1 FROM biometric.outbox_events LIMIT 1')).rowCount === 0)
    return eventsUntilNow(subgraph.engines.bus, subject)
  }
  return {
    ...{ subgraph, faces, database, logged, events },
    pass: (ms) => void (passedMs += ms),
    async replica() {
      const service = await openBiometricService(config, subgraph.engines, { now })
      replicas.push(service)
      return service
    },
    async person({ scopes, agrees = true } = {}) {
      const person = await createPerson({ subgraph, events }, faces.person(), scopes)
      if (agrees) {
        const sql = "INSERT INTO biometric.biometric_consents VALUES ($1, true, '1', now() - interval '1 day')"
        await database.query(sql, [person.userId])
      }
      return person
    },
    async close() {
      await Promise.all(replicas.map((service) => service.close()))
      await database.end()
      await subgraph.close()
    },
  }
}

function configFor({ policy, sweepEveryMs, callbacks, search }: BiometricChanges): BiometricConfig {
  return {
    http: { host: '127.0.0.1', port: 0 },
    masterKeys: { keys: { k1: crypto.getRandomValues(new Uint8Array(32)) }, currentKeyId: 'k1' },
    policy: { ...defaultPolicy, ...policy },
    sweepEveryMs: sweepEveryMs ?? 3_600_000,
    matching: { ...defaultMatching, threads: 2 },
    search: { ...defaultSearch, memoryBytes: 32 * 1_048_576, sweepEveryMs: 3_600_000, ...search },
    callbacks: { allowedNetworks: [], authorities: null, everyMs: 3_600_000, ...callbacks },
  }
}

async function createPerson(
  parts: Pick<StartedBiometric, 'subgraph' | 'events'>,
  face: SyntheticPerson,
  scopes?: readonly string[],
): Promise<Person> {
  const { subgraph } = parts
  const userId = crypto.randomUUID()
  const signIn = async (options: TestTokenOptions = {}) =>
    personWith(await subgraph.issuer.token({ ...(scopes && { scopes }), ...options, userId }))
  const personWith = (token: string) => ({ ...signedIn(parts, { userId, face, token }), elsewhere: signIn })
  return signIn()
}

/** What somebody does with one access token. */
function signedIn(
  { subgraph, events }: Pick<StartedBiometric, 'subgraph' | 'events'>,
  { userId, face, token }: Pick<Person, 'userId' | 'face' | 'token'>,
): Omit<Person, 'elsewhere'> {
  const ask: Person['ask'] = (query, variables = {}, at) => subgraph.ask(query, variables, token, at?.port)
  const send: Person['send'] = async (sessionId, frame, at) => {
    const { data } = await ask(READ, { id: sessionId })
    const nonce = session.nullable().catch(null).parse(data?.['verificationSession'])?.nonce ?? 'none'
    return ask(SUBMIT, { input: { nonce, sessionId, modelVersion: MODEL, ...frame } }, at)
  }
  return {
    ...{ userId, token, face, ask },
    enrol: async (embedding = face.sample()) =>
      recordIn(await ask(ENROL, { input: { type: 'FACE', embedding, modelVersion: MODEL } })),
    start: async (id) => sessionIn(await ask(START, { id })),
    send,
    submit: (sessionId, embedding, at) => send(sessionId, { embedding }, at),
    read: async (id) => sessionIn(await ask(READ, { id })),
    async progressOf(sessionId) {
      const told = await events(`progress.verification.${userId}.${sessionId}`)
      return told.map((data) => progress.parse(data))
    },
  }
}

function wholeOf({ data, errors }: Answer): unknown {
  if (errors.length > 0) throw new Error(`This should have been answered: ${JSON.stringify(errors)}`)
  return Object.values(data ?? {})[0]
}

/** The record an enrolment answered with. */
export function recordIn(answer: Answer): EnrolledRecord {
  return record.parse(wholeOf(answer))
}

export function sessionIn(answer: Answer): Session {
  return session.parse(wholeOf(answer))
}

export function codesOf({ errors }: Answer): readonly string[] {
  return errors.map(({ extensions }) => extensions.code)
}

/** The fields an answer says are at fault. */
export function fieldsOf({ errors }: Answer): readonly string[] {
  return errors.flatMap(({ extensions }) => extensions.details ?? []).map(({ field }) => field)
}

/** The data of what the log holds on a subject: an event of our own marks where it ends. */
async function eventsUntilNow(bus: Bus, subject: string): Promise<readonly unknown[]> {
  const stream = subject.split('.', 1)[0]
  const follower = await bus.follow(`${stream}.>`, 'all')
  const id = crypto.randomUUID()
  const occurredAt = new Date().toISOString()
  await bus.publish(`${stream}.test.mark`, { id, type: 'test.mark', version: 1, occurredAt, traceId: id, data: null })
  const events: unknown[] = []
  for await (const event of follower) {
    if (event.envelope.id === id) break
    if (event.subject === subject) events.push(event.envelope.data)
  }
  return events
}
