import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { startCallbackReceiver, type CallbackReceiver, type ReceivedCallback } from '../support/callback-receiver.js'
import {
  CANCEL,
  codesOf,
  fieldsOf,
  startBiometric,
  type Person,
  type StartedBiometric,
} from '../support/start-biometric.js'
import type { Answer } from '../support/start-subgraph.js'
import { until } from '../support/until.js'

const REGISTER = `mutation ($url: String!) {
  registerWebhook(input: { url: $url }) { secret webhook { id url failingSince disabledAt } }
}`
const ROTATE = 'mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret webhook { id } } }'
const DISABLE = 'mutation ($id: ID!) { disableWebhook(id: $id) { id disabledAt } }'
const LIST = '{ webhooks { id url failingSince disabledAt } }'
const soon = (condition: () => boolean | Promise<boolean>) => until(condition, 30_000)
const DAY_MS = 86_400_000

let biometric: StartedBiometric
let receiver: CallbackReceiver
let operatorId: string
let operator: string

beforeAll(async () => {
  receiver = await startCallbackReceiver()
  const callbacks = {
    allowedNetworks: ['127.0.0.0/8', '::1/128'],
    authorities: [receiver.certificate.cert],
    everyMs: 20,
  }
  biometric = await startBiometric({ seed: 31, callbacks })
  operatorId = crypto.randomUUID()
  operator = await biometric.subgraph.issuer.token({ userId: operatorId, roles: ['superadmin'] })
})

afterEach(async () => {
  receiver.answerWith(204)
  const { data } = await ask(LIST)
  for (const { id } of listed.parse(data).webhooks.filter(({ disabledAt }) => disabledAt === null)) {
    await ask(DISABLE, { id })
  }
})

afterAll(async () => {
  await biometric.close()
  await receiver.close()
})

const made = z.object({ secret: z.string(), webhook: z.looseObject({ id: z.string() }) })
const listed = z.object({
  webhooks: z.array(
    z.object({ id: z.string(), failingSince: z.string().nullable(), disabledAt: z.string().nullable() }),
  ),
})
const ended = z.strictObject({
  type: z.literal('verification.ended'),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
})

const ask = (query: string, variables: Record<string, unknown> = {}, token = operator): Promise<Answer> =>
  biometric.subgraph.ask(query, variables, token)
const register = async () => made.parse((await ask(REGISTER, { url: receiver.url })).data?.['registerWebhook'])
const webhookNow = async (id: string) =>
  listed.parse((await ask(LIST)).data).webhooks.find((webhook) => webhook.id === id)

/** Somebody with a verification begun. */
async function begun() {
  const person = await biometric.person()
  const { id: recordId } = await person.enrol()
  const { id: sessionId } = await person.start(recordId)
  return { person, recordId, sessionId }
}

/** What was received about a verification. */
const about = (sessionId: string): readonly ReceivedCallback[] =>
  receiver.received.filter(({ body }) => body.includes(sessionId))

async function matched(person: Person, sessionId: string): Promise<void> {
  expect((await person.submit(sessionId, person.face.sample())).errors).toEqual([])
}

/** Whether one of the signatures of a callback was made with the secret: Standard Webhooks, from the outside. */
function isSigned({ headers, body }: ReceivedCallback, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return String(headers['webhook-signature']).split(' ').includes(expected)
}

describe('the end of a verification', () => {
  it('is posted once, signed, with the decision and neither score nor sample', async () => {
    const { secret } = await register()
    const { person, recordId, sessionId } = await begun()
    await matched(person, sessionId)
    await soon(() => about(sessionId).length > 0)
    const [callback] = about(sessionId)
    if (callback === undefined) throw new Error('Nothing came.')
    const { data } = ended.parse(JSON.parse(callback.body))
    expect(data).toEqual({
      ...{ sessionId, recordId, userId: person.userId, state: 'SUCCEEDED', decision: 'MATCH', falseMatchRate: 1e-4 },
    })
    expect(isSigned(callback, secret)).toBe(true)
    const sentAt = Number(callback.headers['webhook-timestamp']) * 1000
    expect(Math.abs(Date.now() - sentAt)).toBeLessThan(60_000)
    await soon(async () => (await delivering()) === 0)
    expect(about(sessionId)).toHaveLength(1)
  })

  it('is told to the others while one does not answer', async () => {
    const silent = await startCallbackReceiver(receiver.certificate)
    silent.answerWith(null)
    try {
      for (let count = 0; count < 2; count += 1) await ask(REGISTER, { url: silent.url })
      await register()
      const sessions = await Promise.all(Array.from({ length: 12 }, () => begun()))
      await Promise.all(sessions.map(({ person, sessionId }) => person.ask(CANCEL, { id: sessionId })))
      await soon(() => sessions.every(({ sessionId }) => about(sessionId).length === 1))
    } finally {
      await silent.close()
    }
  })

  it('is posted when it is given up, too', async () => {
    await register()
    const { person, sessionId } = await begun()
    await person.ask(CANCEL, { id: sessionId })
    await soon(() => about(sessionId).length > 0)
    expect(JSON.parse(about(sessionId)[0]?.body ?? '{}')).toMatchObject({
      data: { state: 'CANCELLED', decision: null },
    })
  })

  const delivering = async () =>
    (await biometric.database.query('SELECT 1 FROM biometric.webhook_deliveries')).rowCount ?? 0

  it('is posted again, under the same id and later each time, until it is taken', async () => {
    const { webhook } = await register()
    receiver.answerWith(500)
    const { person, sessionId } = await begun()
    await matched(person, sessionId)
    for (const [tries, waitMs] of [
      [1, 5_000],
      [2, 10_000],
      [3, 20_000],
    ] as const) {
      await soon(() => about(sessionId).length === tries)
      await soon(async () => (await webhookNow(webhook.id))?.failingSince !== null)
      if (tries === 3) receiver.answerWith(204)
      biometric.pass(waitMs)
    }
    await soon(async () => (await webhookNow(webhook.id))?.failingSince === null)
    expect(await delivering()).toBe(0)
    const ids = about(sessionId).map(({ headers }) => headers['webhook-id'])
    expect([ids.length, new Set(ids).size]).toEqual([4, 1])
  })

  it('is not lost with the process that was posting it', async () => {
    await register()
    receiver.answerWith(null)
    const { person, sessionId } = await begun()
    await matched(person, sessionId)
    await soon(() => about(sessionId).length === 1)
    receiver.answerWith(204)
    await biometric.database.query('UPDATE biometric.webhook_deliveries SET next_attempt_at = now()')
    await soon(() => about(sessionId).length >= 2)
    const ids = about(sessionId).map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids).size).toBe(1)
  })
})

describe('a webhook', () => {
  it('has its secret told once, kept sealed, and both good for a day after a new one', async () => {
    const { secret, webhook } = await register()
    const next = made.parse((await ask(ROTATE, { id: webhook.id })).data?.['rotateWebhookSecret'])
    expect(next.secret).not.toBe(secret)
    const { rows } = await biometric.database.query('SELECT * FROM biometric.webhooks')
    for (const one of [secret, next.secret]) expect(JSON.stringify(rows)).not.toContain(one.slice(6))
    const both = await endOne()
    expect([isSigned(both, secret), isSigned(both, next.secret)]).toEqual([true, true])
    biometric.pass(DAY_MS + 1)
    const later = await endOne()
    expect([isSigned(later, secret), isSigned(later, next.secret)]).toEqual([false, true])
  })

  async function endOne(): Promise<ReceivedCallback> {
    const { person, sessionId } = await begun()
    await person.ask(CANCEL, { id: sessionId })
    await soon(() => about(sessionId).length > 0)
    const [callback] = about(sessionId)
    if (callback === undefined) throw new Error('Nothing came.')
    return callback
  }

  it('that takes nothing for five days is disabled, which the audit log is told', async () => {
    const { webhook } = await register()
    receiver.answerWith(500)
    const { person, sessionId } = await begun()
    await person.ask(CANCEL, { id: sessionId })
    await soon(async () => (await webhookNow(webhook.id))?.failingSince !== null)
    biometric.pass(5 * DAY_MS)
    await soon(async () => (await webhookNow(webhook.id))?.disabledAt !== null)
    const told = await biometric.events('events.biometric.administered')
    expect(told).toContainEqual({ act: 'webhook-disabled', subjectId: webhook.id, administratorId: null })
    expect(told).toContainEqual({ act: 'webhook-registered', subjectId: webhook.id, administratorId: operatorId })
    const { person: another, sessionId: later } = await begun()
    await another.ask(CANCEL, { id: later })
    expect((await biometric.database.query('SELECT 1 FROM biometric.webhook_deliveries')).rowCount).toBe(0)
  })

  it('is not registered where callbacks may not go', async () => {
    const urls = ['http://example.com/', 'https://10.0.0.1/', 'https://169.254.169.254/', 'https://[fd00::1]/']
    const more = [
      'https://user:pass@example.com/',
      'ftp://example.com/',
      'nonsense',
      '',
      `https://a.b/${'c'.repeat(2_048)}`,
    ]
    for (const url of [...urls, ...more]) {
      const answer = await ask(REGISTER, { url })
      expect([url.slice(0, 40), codesOf(answer), fieldsOf(answer)]).toEqual([
        url.slice(0, 40),
        ['VAL_VALIDATION_FAILED'],
        ['input.url'],
      ])
    }
  })

  it('is for operators with a fresh sign-in', async () => {
    const { issuer } = biometric.subgraph
    const admin = await issuer.token({ roles: ['admin'] })
    const stale = await issuer.token({ roles: ['superadmin'], authenticatedAt: new Date(Date.now() - 301_000) })
    const { webhook } = await register()
    for (const [query, variables] of [
      [REGISTER, { url: receiver.url }],
      [ROTATE, { id: webhook.id }],
      [DISABLE, { id: webhook.id }],
      [LIST, {}],
    ] as const) {
      expect(codesOf(await ask(query, variables, admin))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    }
    for (const [query, variables] of [
      [REGISTER, { url: receiver.url }],
      [ROTATE, { id: webhook.id }],
    ] as const) {
      expect(codesOf(await ask(query, variables, stale))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    }
    for (const query of [ROTATE, DISABLE]) {
      expect(codesOf(await ask(query, { id: crypto.randomUUID() }))).toEqual(['RES_NOT_FOUND'])
    }
  })
})
