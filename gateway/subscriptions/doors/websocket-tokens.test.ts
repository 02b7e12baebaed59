import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { refusal } from './fixtures/scripted-live.js'
import { openTestDoor, type TestDoor } from './fixtures/open-door.js'
import type { SocketClient } from './fixtures/socket-client.js'

let test: TestDoor

const subscribe = (id: string, query: string, authorization?: string) => ({
  id,
  type: 'subscribe',
  payload: { query, ...(authorization !== undefined && { extensions: { headers: { authorization } } }) },
})
const subscription = (id: string, authorization?: string) => subscribe(id, 'subscription { count }', authorization)
const renewal = (authorization: unknown) => ({ type: 'ping', payload: { authorization } })
const errorOf = (code: string) => ({ type: 'error', payload: [{ extensions: { code } }] })
const live = (index = 0) => {
  const operation = test.live.operations[index]
  if (operation === undefined) throw new Error('no such operation')
  return operation
}

async function streaming(authorization?: string, own?: string): Promise<SocketClient> {
  const before = test.live.operations.length
  const client = await test.admitted(authorization)
  client.send(subscription('1', own))
  await until(() => test.live.operations.length === before + 1)
  return client
}

beforeEach(async () => void (test = await openTestDoor()))
afterEach(() => test.close())

describe('the token of a connection', () => {
  it.each([
    ['Bearer expired', 4403, 'AUTH_TOKEN_EXPIRED'],
    ['Bearer keys-away', 1013, 'INT_EXTERNAL_SERVICE_ERROR'],
    ['Bearer bug', 4500, 'INT_INTERNAL_ERROR'],
    [7, 4403, 'AUTH_TOKEN_INVALID'],
    [null, 4403, 'AUTH_TOKEN_INVALID'],
  ])('that is %p closes it with %i %s', async (authorization, code, reason) => {
    const client = await test.socket()
    client.send({ type: 'connection_init', payload: { authorization } })
    expect(await client.closed).toEqual({ code, reason })
  })

  it('may be of an operation alone, where the connection has none', async () => {
    const anonymous = await test.admitted()
    anonymous.send(subscribe('1', '{ ping }', 'Bearer ada'))
    expect(await anonymous.next()).toMatchObject({ payload: { data: { user: 'ada' } } })
    await anonymous.next()
    anonymous.send(subscribe('2', '{ ping }', 'Bearer expired'))
    expect(await anonymous.next()).toMatchObject({ id: '2', ...errorOf('AUTH_TOKEN_EXPIRED') })
    anonymous.send(subscribe('2', '{ ping }', 'Bearer bug'))
    expect(await anonymous.next()).toMatchObject({ id: '2', ...errorOf('INT_INTERNAL_ERROR') })
    anonymous.send(subscribe('3', '{ ping }'))
    expect(await anonymous.next()).toMatchObject({ payload: { data: { user: null } } })
    const signedIn = await test.admitted('Bearer ada')
    signedIn.send(subscribe('1', '{ ping }', 'Bearer eve'))
    expect(await signedIn.next()).toMatchObject({ payload: { data: { user: 'ada' } } })
  })

  it('keeps the id of an operation while it is verified, which can be completed meanwhile', async () => {
    const client = await test.admitted()
    client.send(subscription('1', 'Bearer never'))
    client.send({ id: '1', type: 'complete' })
    client.send(subscription('1', 'Bearer never'))
    client.send(subscription('1', 'Bearer ada'))
    expect((await client.closed).code).toBe(4409)
    expect(test.live.operations).toEqual([])
  })
})

describe('a token that expires', () => {
  it('ends subscriptions, and refuses what else is asked until it is renewed', async () => {
    const client = await streaming('Bearer ada/s/0.2')
    expect(await client.next()).toEqual({ id: '1', type: 'error', payload: [refusal('SUBSCRIPTION_TOKEN_EXPIRED')] })
    expect(live().endings).toEqual(['SUBSCRIPTION_TOKEN_EXPIRED'])
    for (const query of ['{ ping }', 'subscription { count }']) {
      client.send(subscribe('2', query))
      expect(await client.next()).toMatchObject({ id: '2', ...errorOf('AUTH_TOKEN_EXPIRED') })
    }
    client.send(renewal('Bearer ada'))
    expect(await client.next()).toMatchObject({ type: 'pong', payload: { expiresInMs: expect.any(Number) } })
    client.send(subscribe('2', '{ ping }'))
    expect(await client.next()).toMatchObject({ id: '2', payload: { data: { user: 'ada' } } })
    client.send(subscription('3'))
    await until(() => test.live.operations.length === 2)
  })

  it('closes the connection where nobody renews it in time', async () => {
    await test.close()
    test = await openTestDoor({ tokenGraceMs: 50 })
    const client = await test.admitted('Bearer ada/s/0.05')
    expect(await client.closed).toEqual({ code: 4403, reason: 'SUBSCRIPTION_TOKEN_EXPIRED' })
  })

  it('lets an answer under way be finished', async () => {
    const client = await streaming('Bearer ada/s/0.2')
    client.send(subscribe('2', '{ hang }'))
    expect(await client.next()).toMatchObject({ id: '1', type: 'error' })
    client.send({ id: '2', type: 'complete' })
    await test.pipeline.released(1)
  })

  it('of an operation ends that operation alone', async () => {
    const client = await streaming(undefined, 'Bearer ada/s/0.2')
    client.send(subscription('2'))
    expect(await client.next()).toMatchObject({ id: '1', ...errorOf('SUBSCRIPTION_TOKEN_EXPIRED') })
    client.send(subscribe('3', '{ ping }'))
    expect(await client.next()).toMatchObject({ id: '3', type: 'next' })
    expect(live(1).endings).toEqual([])
  })
})

describe('a token in a ping', () => {
  it('of the same person prolongs what runs, told by the pong', async () => {
    const client = await streaming('Bearer ada/s/0.3')
    client.send(renewal('Bearer ada/other/800'))
    const pong = Object(await client.next())
    expect(pong.type).toBe('pong')
    expect(pong.payload.expiresInMs).toBeGreaterThan(700_000)
    expect(JSON.stringify(pong)).not.toContain('Bearer')
    expect(live().renewals.map(({ authorization }) => authorization)).toEqual(['Bearer ada/other/800'])
    const younger = await streaming('Bearer ada/s/0.4')
    expect(await younger.next()).toMatchObject(errorOf('SUBSCRIPTION_TOKEN_EXPIRED')) // later than the first would have
    client.send(subscribe('2', '{ ping }'))
    expect(await client.next()).toMatchObject({ id: '2', type: 'next' })
    expect(live().endings).toEqual([])
  })

  it.each([
    ['Bearer expired', 'AUTH_TOKEN_EXPIRED'],
    ['Bearer keys-away', 'INT_EXTERNAL_SERVICE_ERROR'],
    ['Bearer bug', 'INT_INTERNAL_ERROR'],
    [7, 'AUTH_TOKEN_INVALID'],
  ])('that is %p changes nothing, told by the code %s', async (authorization, code) => {
    const client = await streaming('Bearer ada')
    client.send(renewal(authorization))
    expect(await client.next()).toEqual({ type: 'pong', payload: { code, message: expect.any(String) } })
    expect(live().renewals).toEqual([])
    client.send(subscribe('2', '{ ping }'))
    expect(await client.next()).toMatchObject({ payload: { data: { user: 'ada' } } })
  })

  it.each([
    ['somebody else on the connection of ada', 'Bearer ada', 'Bearer eve'],
    ['nobody on the connection of ada', 'Bearer ada', ''],
    ['ada on a connection of nobody', undefined, 'Bearer ada'],
  ])('of %s closes it', async (_who, first, second) => {
    const client = await streaming(first)
    client.send(renewal(second))
    expect(await client.closed).toEqual({ code: 4403, reason: 'AUTHZ_FORBIDDEN' })
    await until(() => live().isClosed())
    expect(live().renewals).toEqual([])
  })

  it('renews nothing where nobody verifies tokens', async () => {
    await test.close()
    test = await openTestDoor({}, { verifies: false })
    const client = await streaming('Bearer opaque')
    client.send(renewal('Bearer other'))
    expect(await client.next()).toMatchObject({ type: 'pong', payload: { code: 'AUTH_TOKEN_INVALID' } })
    expect(live().isClosed()).toBe(false)
  })

  it('is answered in the order of the pings', async () => {
    const client = await streaming('Bearer ada')
    for (const token of ['Bearer expired', 'Bearer ada/s/500', 'Bearer bug']) client.send(renewal(token))
    const answers = [await client.next(), await client.next(), await client.next()].map((pong) => Object(pong).payload)
    expect(answers.map(({ code }) => code)).toEqual(['AUTH_TOKEN_EXPIRED', undefined, 'INT_INTERNAL_ERROR'])
  })
})

describe('a session that ends', () => {
  it('ends the subscriptions of all its connections, and of no other', async () => {
    const [first, second] = [await streaming('Bearer ada/one'), await streaming('Bearer ada/one')]
    await streaming('Bearer ada/two')
    test.endSession('one')
    for (const client of [first, second]) {
      expect(await client.next()).toEqual({ id: '1', type: 'error', payload: [refusal('SUBSCRIPTION_SESSION_ENDED')] })
      client.send(subscribe('2', '{ ping }'))
      expect(await client.next()).toMatchObject({ id: '2', ...errorOf('AUTH_TOKEN_INVALID') })
    }
    expect(live(2).endings).toEqual([])
  })

  it('lets nobody in again with a token of it, by whatever way', async () => {
    test.endSession('one')
    const refused = await test.socket()
    refused.send({ type: 'connection_init', payload: { authorization: 'Bearer ada/one' } })
    expect(await refused.closed).toEqual({ code: 4403, reason: 'SUBSCRIPTION_SESSION_ENDED' })
    const anonymous = await test.admitted()
    anonymous.send(subscription('1', 'Bearer ada/one'))
    expect(await anonymous.next()).toMatchObject(errorOf('SUBSCRIPTION_SESSION_ENDED'))
    const client = await streaming('Bearer ada/two')
    client.send(renewal('Bearer ada/one'))
    expect(await client.next()).toMatchObject({ type: 'pong', payload: { code: 'SUBSCRIPTION_SESSION_ENDED' } })
    test.endSession('two')
    expect(await client.next()).toMatchObject(errorOf('SUBSCRIPTION_SESSION_ENDED'))
  })

  it('is that of the newest token, and ends as well what an operation brought', async () => {
    const renewed = await streaming('Bearer ada/one')
    renewed.send(renewal('Bearer ada/two'))
    await renewed.next()
    const own = await streaming(undefined, 'Bearer ada/three')
    test.endSession('one')
    test.endSession('three')
    expect(await own.next()).toMatchObject(errorOf('SUBSCRIPTION_SESSION_ENDED'))
    expect(live(0).endings).toEqual([])
    test.endSession('two')
    expect(await renewed.next()).toMatchObject(errorOf('SUBSCRIPTION_SESSION_ENDED'))
  })

  it('is kept for nobody who has left', async () => {
    const clients = [await streaming('Bearer ada/one'), await streaming(undefined, 'Bearer ada/two')]
    expect(test.sessions.size).toBe(2)
    clients[1]?.send({ id: '1', type: 'complete' })
    await until(() => test.sessions.size === 1)
    clients[0]?.socket.terminate()
    await until(() => test.sessions.size === 0)
  })
})
