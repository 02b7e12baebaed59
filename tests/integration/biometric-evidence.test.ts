import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CompactSign, exportJWK, generateKeyPair, type CompactJWSHeaderParameters, type CryptoKey } from 'jose'
import { createHash } from 'node:crypto'
import {
  codesOf,
  fieldsOf,
  sessionIn,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import type { Answer } from '../support/start-subgraph.js'

const REGISTER = `mutation ($input: RegisterCaptureDeviceInput!) {
  registerCaptureDevice(input: $input) { id kind model registeredAt disabledAt }
}`
const DISABLE = 'mutation ($id: ID!) { disableCaptureDevice(id: $id) { id disabledAt } }'
const LIST = '{ captureDevices { id disabledAt } }'

interface Device {
  readonly id: string
  readonly key: CryptoKey
  readonly alg: string
}

let biometric: StartedBiometric
let operator: string
const operatorId = crypto.randomUUID()

beforeAll(async () => {
  biometric = await startBiometric({ seed: 33, policy: { liveness: 'DEVICE_SIGNED' } })
  operator = await biometric.subgraph.issuer.token({ userId: operatorId, roles: ['superadmin'] })
})

afterAll(() => biometric.close())

const ask = (query: string, variables: Record<string, unknown> = {}, token = operator): Promise<Answer> =>
  biometric.subgraph.ask(query, variables, token)

async function device(alg = 'ES256', kind = 'CAMERA'): Promise<Device> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const input = { kind, model: 'Eye 2', publicKey: JSON.stringify(await exportJWK(publicKey)) }
  const { data, errors } = await ask(REGISTER, { input })
  expect(errors).toEqual([])
  return { id: JSON.parse(JSON.stringify(data)).registerCaptureDevice.id, key: privateKey, alg }
}

/** The digest of an embedding as docs/capture-devices.md describes it. */
function digestOf(embedding: readonly number[]): string {
  return createHash('sha256')
    .update(Buffer.from(Float64Array.from(embedding).buffer))
    .digest('base64url')
}

interface Changes {
  readonly header?: Partial<CompactJWSHeaderParameters>
  readonly claims?: Readonly<Record<string, unknown>>
}

async function begun() {
  const person = await biometric.person()
  const { id: recordId } = await person.enrol()
  const { id: sessionId } = await person.start(recordId)
  return { person, recordId, sessionId }
}

/** A frame with what a device signs of it, changed where asked for. */
async function evidenced(
  { person, sessionId }: { person: Person; sessionId: string },
  by: Device,
  changes: Changes = {},
) {
  const embedding = person.face.sample()
  const { nonce } = await person.read(sessionId)
  const iat = Math.floor(Date.now() / 1000)
  const claims = { nonce, sid: sessionId, sample: digestOf(embedding), iat, pad: { result: 'bona_fide', level: 2 } }
  const signed = await new CompactSign(Buffer.from(JSON.stringify({ ...claims, ...changes.claims })))
    .setProtectedHeader({ alg: by.alg, kid: by.id, typ: 'biometric-evidence+jws', ...changes.header })
    .sign(by.key)
  return { embedding, evidence: signed }
}

describe('a policy that asks for a capture device', () => {
  it.each(['ES256', 'EdDSA'])('is met by what a registered one signs by %s', async (alg) => {
    const camera = await device(alg)
    const verification = await begun()
    const answer = await verification.person.send(verification.sessionId, await evidenced(verification, camera))
    expect(sessionIn(answer)).toMatchObject({ state: 'SUCCEEDED', result: { decision: 'MATCH' } })
  })

  /** What is wrong, and the part the refusal names. */
  const faults: [string, string, Changes][] = [
    ['of another nonce', 'input.evidence.nonce', { claims: { nonce: 'x'.repeat(43) } }],
    ['of another verification', 'input.evidence.sid', { claims: { sid: crypto.randomUUID() } }],
    ['of another sample', 'input.evidence.sample', { claims: { sample: digestOf([1]) } }],
    ['too old', 'input.evidence.iat', { claims: { iat: Math.floor(Date.now() / 1000) - 120 } }],
    ['of the future', 'input.evidence.iat', { claims: { iat: Math.floor(Date.now() / 1000) + 3_600 } }],
    ['of an attack', 'input.evidence.pad', { claims: { pad: { result: 'attack' } } }],
    ['without a word of the presentation', 'input.evidence.signature', { claims: { pad: undefined } }],
    ['of something else', 'input.evidence', { header: { typ: 'JWT' } }],
    ['of no device', 'input.evidence.kid', { header: { kid: crypto.randomUUID() } }],
  ]

  it.each(faults)('is not met by evidence %s', async (_what, field, changes) => {
    const verification = await begun()
    const sent = await evidenced(verification, await device(), changes)
    await expectRefused(verification, sent, field)
  })

  it('is not met by the key of another device, by one that captures something else, nor by nothing', async () => {
    const verification = await begun()
    const [camera, other] = [await device(), await device()]
    await expectRefused(
      verification,
      await evidenced(verification, { ...camera, key: other.key }),
      'input.evidence.signature',
    )
    const microphone = await device('EdDSA', 'MICROPHONE')
    await expectRefused(verification, await evidenced(verification, microphone), 'input.evidence.kid')
    const { embedding } = await evidenced(verification, camera)
    await expectRefused(verification, { embedding }, 'input.evidence')
    for (const evidence of ['', 'a.b.c', '....', 'x'.repeat(10_000)]) {
      await expectRefused(verification, { embedding, evidence }, 'input.evidence')
    }
  })

  it('is not met by unsigned evidence, nor by a secret made of the public key', async () => {
    const verification = await begun()
    const camera = await device()
    const { embedding, evidence } = await evidenced(verification, camera)
    const [, payload] = evidence.split('.')
    const header = { alg: 'none', kid: camera.id, typ: 'biometric-evidence+jws' }
    const unsigned = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`
    await expectRefused(verification, { embedding, evidence: unsigned }, 'input.evidence.signature')
    const secret = new Uint8Array(32)
    const hmac = await new CompactSign(Buffer.from(payload ?? '', 'base64url'))
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(secret)
    await expectRefused(verification, { embedding, evidence: hmac }, 'input.evidence.signature')
  })

  it('is not met by a device that was disabled a moment ago', async () => {
    const camera = await device()
    const verification = await begun()
    const frame = await evidenced(verification, camera)
    expect((await ask(DISABLE, { id: camera.id })).errors).toEqual([])
    await expectRefused(verification, frame, 'input.evidence.kid')
    expect((await ask(DISABLE, { id: camera.id })).errors).toEqual([])
    const told = await biometric.events('events.biometric.administered')
    const acts = (act: string) =>
      told.filter((event) => JSON.stringify(event).includes(`${act}","subjectId":"${camera.id}`))
    expect([acts('capture-device-registered').length, acts('capture-device-disabled').length]).toEqual([1, 1])
  })

  it('counts failures for the device, whatever sign-in they are sent with', async () => {
    const camera = await device()
    const { person, sessionId, recordId } = await begun()
    const stranger = biometric.faces.person()
    for (let times = 0; times < 2; times += 1) {
      const sample = stranger.sample()
      const frame = await evidenced({ person, sessionId }, camera, { claims: { sample: digestOf(sample) } })
      sessionIn(await person.send(sessionId, { ...frame, embedding: sample }))
    }
    const { rows } = await biometric.database.query(
      'SELECT subject_id, consecutive FROM biometric.failure_counters WHERE user_id = $1 ORDER BY subject_id',
      [person.userId],
    )
    const expected = [recordId, camera.id].sort().map((subject_id) => ({ subject_id, consecutive: 2 }))
    expect(rows).toEqual(expected)
  })

  async function expectRefused(
    { person, sessionId }: { person: Person; sessionId: string },
    frame: Readonly<Record<string, unknown>>,
    field: string,
  ): Promise<void> {
    const answer = await person.send(sessionId, frame)
    expect([codesOf(answer), fieldsOf(answer)]).toEqual([['BIOMETRIC_EVIDENCE_REFUSED'], [field]])
    expect(await person.read(sessionId)).toMatchObject({ state: 'CREATED', attemptsLeft: 3 })
  }
})

describe('a capture device', () => {
  it.each([
    ['no JSON', 'nonsense'],
    ['a private key', JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'a'.repeat(43), d: 'b'.repeat(43) })],
    ['a secret', JSON.stringify({ kty: 'oct', k: 'abc' })],
    ['another curve', JSON.stringify({ kty: 'EC', crv: 'P-384', x: 'a'.repeat(64), y: 'b'.repeat(64) })],
    ['null', 'null'],
  ])('is not registered by %s', async (_what, publicKey) => {
    const answer = await ask(REGISTER, { input: { kind: 'CAMERA', model: 'Eye 2', publicKey } })
    expect(codesOf(answer)).toHaveLength(1)
    expect(codesOf(answer)[0]).toMatch(/^VAL_/)
    for (const field of fieldsOf(answer)) expect(field).toMatch(/^input\.publicKey/)
  })

  it('is for operators with a fresh sign-in', async () => {
    const { issuer } = biometric.subgraph
    const admin = await issuer.token({ roles: ['admin'] })
    const stale = await issuer.token({ roles: ['superadmin'], authenticatedAt: new Date(Date.now() - 301_000) })
    const input = { kind: 'CAMERA', model: 'Eye 2', publicKey: '{}' }
    expect(codesOf(await ask(REGISTER, { input }, stale))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    for (const [query, variables] of [
      [REGISTER, { input }],
      [DISABLE, { id: crypto.randomUUID() }],
      [LIST, {}],
    ] as const) {
      expect(codesOf(await ask(query, variables, admin))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    }
    expect(codesOf(await ask(DISABLE, { id: crypto.randomUUID() }))).toEqual(['RES_NOT_FOUND'])
  })
})
