import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import {
  CANCEL,
  ENROL,
  MODEL,
  READ,
  START,
  startBiometric,
  SUBMIT,
  type StartedBiometric,
} from '../support/start-biometric.js'

const RENEW = 'mutation ($input: RenewBiometricInput!) { renewBiometric(input: $input) { id sampleVersion } }'

/** Everything somebody could read after a run: answers, log lines, events, and what stands in the database. */
interface Traces {
  readonly answers: string[]
  readonly logged: string
  readonly events: string
  readonly database: string
}

const samples: number[][] = []
let biometric: StartedBiometric
let traces: Traces

beforeAll(async () => {
  biometric = await startBiometric({ seed: 23 })
  const answers = await run()
  traces = {
    answers,
    logged: biometric.logged.join('\n'),
    events: await everyEvent(),
    database: await everyRow(),
  }
})

afterAll(() => biometric.close())

/** A run through everything that takes a template, well and badly, noting every number sent and every byte that came back. */
async function run(): Promise<string[]> {
  const answers: string[] = []
  const { face, token } = await biometric.person()
  const stranger = biometric.faces.person()
  const noted = (sample: number[]) => {
    samples.push(sample)
    return sample
  }
  const post = async (body: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${biometric.subgraph.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
    })
    const text = `${JSON.stringify([...response.headers])} ${await response.text()}`
    answers.push(text)
    return text
  }
  const send = (query: string, variables: unknown) => post(JSON.stringify({ query, variables }))
  const frame = async (id: string, embedding: unknown, more = {}) => {
    const nonce = /"nonce":"([^"]+)"/.exec(await send(READ, { id }))?.[1] ?? 'none'
    return send(SUBMIT, { input: { sessionId: id, nonce, embedding, modelVersion: MODEL, ...more } })
  }
  const idIn = (text: string) => /"id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? ''
  const sample = (embedding: unknown, more = {}) => ({
    input: { type: 'FACE', embedding, modelVersion: MODEL, ...more },
  })

  const template = noted(face.sample())
  const recordId = idIn(await send(ENROL, sample(template)))
  const sessionId = idIn(await send(START, { id: recordId }))
  for (const broken of [template.slice(1), ['x', ...template.slice(1)], template.join(), { template }]) {
    await send(ENROL, sample(broken))
    await frame(sessionId, broken)
  }
  await send(ENROL, sample(template, { modelVersion: undefined }))
  await send(ENROL, sample(template, { more: template }))
  await send(ENROL, sample(template, { modelVersion: template.join().slice(0, 500) }))
  await send(ENROL, { embedding: template })
  await send(ENROL, template)
  await post(JSON.stringify(sample(template)).slice(0, -9))
  await frame(sessionId, template)
  await frame(sessionId, noted(stranger.sample()))
  await frame(sessionId, noted(face.sample()), { modelVersion: 'another' })
  await frame(sessionId, noted(face.sample()))
  await frame(sessionId, noted(face.sample()))
  await send(READ, { id: sessionId })
  const renewal = (embedding: unknown) => ({ input: { recordId, embedding, modelVersion: MODEL } })
  for (const renewing of [template, template.slice(1), noted(face.sample())]) await send(RENEW, renewal(renewing))
  await biometric.database.query('UPDATE biometric.biometric_templates SET sealed = $1', [Buffer.from([1, 2, 3])])
  const broken = idIn(await send(START, { id: recordId }))
  await frame(broken, noted(face.sample()))
  await send(CANCEL, { id: broken })
  await send(ENROL, sample(template))
  return answers
}

async function everyEvent(): Promise<string> {
  const { bus } = biometric.subgraph.engines
  await biometric.events('events.biometric.enrolled') // by then everything is published
  const found: unknown[] = []
  for (const [stream, last] of [
    ['events', 'events.test.mark'],
    ['progress', 'progress.test.mark'],
  ] as const) {
    await bus.publish(last, markEvent())
    const follower = await bus.follow(`${stream}.>`, 'all')
    let marks = stream === 'events' ? 2 : 1
    for await (const event of follower) {
      found.push(event)
      if (event.subject === last) marks -= 1
      if (marks === 0) break
    }
  }
  return JSON.stringify(found)
}

function markEvent() {
  const id = crypto.randomUUID()
  return { id, type: 'test.mark', version: 1, occurredAt: new Date().toISOString(), traceId: id, data: null }
}

/** Bytes are shown as base64 as well as in Postgres's hexadecimal. */
async function everyRow(): Promise<string> {
  const { rows } = await biometric.database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'biometric'`,
  )
  const contents = await Promise.all(
    rows.map(({ name }) => biometric.database.query(`SELECT *, to_jsonb(t) AS all_columns FROM biometric.${name} t`)),
  )
  return JSON.stringify(
    contents.map((content) => content.rows),
    (_key, value: unknown) => asBase64(value),
  )
}

const bytesInJson = z.object({ type: z.literal('Buffer'), data: z.array(z.number()) })

function asBase64(value: unknown): unknown {
  const bytes = bytesInJson.safeParse(value).data
  return bytes === undefined ? value : Buffer.from(bytes.data).toString('base64')
}

/** How a sample's numbers would look: in decimal, as sent and at unit length, and as bytes in base64 and hexadecimal. */
function formsOf(sample: readonly number[]): string[] {
  const floats = Buffer.from(Float32Array.from(sample).buffer)
  const doubles = Buffer.from(Float64Array.from(sample).buffer)
  const decimals = [...sample, ...Float32Array.from(sample)]
    .map((number) => String(Math.abs(number)))
    .filter((text) => !text.includes('e'))
    .map((text) => text.slice(0, 9)) // 0.0412345: enough that no time or id looks like it
  const encoded = [floats, doubles].flatMap((bytes) =>
    // base64 of a part depends on where it begins, modulo three
    [0, 1, 2].flatMap((start) => [
      bytes.subarray(start, start + 24).toString('base64'),
      bytes.subarray(start, start + 24).toString('hex'),
    ]),
  )
  return [...decimals, ...encoded]
}

describe('a template or a probe', () => {
  const sources = ['answers', 'logged', 'events', 'database'] as const

  it.each(sources)('leaves no number of itself in: %s', (source) => {
    const text = String(traces[source])
    expect(text.length).toBeGreaterThan(500)
    expect(samples.length).toBeGreaterThan(4)
    expect(samples.flatMap(formsOf).filter((form) => text.includes(form))).toEqual([])
  })

  it('would be found if it did', () => {
    const [sample = []] = samples
    const shown = [JSON.stringify(sample), Buffer.from(Float32Array.from(sample).buffer).toString('base64')]
    for (const text of shown) expect(formsOf(sample).some((form) => text.includes(form))).toBe(true)
  })

  it('went through every kind of answer', () => {
    const seen = (code: string) => traces.answers.some((answer) => answer.includes(code))
    const codes = [
      'VAL_VALIDATION_FAILED',
      'BAD_USER_INPUT',
      'REQUEST_BODY_MALFORMED',
      'RES_CONFLICT',
      'INT_INTERNAL_ERROR',
    ]
    for (const code of [...codes, 'SUCCEEDED', 'CANCELLED', 'VAL_FIELD_TOO_LONG'])
      expect([code, seen(code)]).toEqual([code, true])
  })

  it('has no score told', () => {
    expect(traces.answers.join() + traces.events + traces.logged).not.toMatch(/score"?:|threshold/)
  })
})
