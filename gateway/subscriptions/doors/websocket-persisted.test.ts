import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { openTestDoor, type TestDoor } from './fixtures/open-door.js'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const persisted = (sha256Hash: string, version = 1) => ({ extensions: { persistedQuery: { version, sha256Hash } } })
const subscribe = (id: string, payload: object) => ({ id, type: 'subscribe', payload })

describe('an operation that is named by its hash on a WebSocket', () => {
  const query = 'subscription { count }'
  let test: TestDoor
  beforeEach(async () => void (test = await openTestDoor()))
  afterEach(() => test.close())

  it('is asked for with its text once, then found, also where the message has no text at all', async () => {
    const client = await test.admitted()
    client.send(subscribe('1', { query: '', ...persisted(hashOf(query)) }))
    expect(await client.next()).toEqual({
      id: '1',
      type: 'error',
      payload: [
        {
          message: 'PersistedQueryNotFound',
          extensions: {
            code: 'PERSISTED_QUERY_NOT_FOUND',
            traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
            timestamp: expect.any(String),
          },
        },
      ],
    })
    client.send(subscribe('1', { query, ...persisted(hashOf(query)) }))
    client.send(subscribe('2', { query: '', ...persisted(hashOf(query)) }))
    client.send(subscribe('3', persisted(hashOf(query))))
    await until(() => test.live.operations.length === 3)
    expect(test.live.operations.map(({ request }) => request.query)).toEqual([query, query, query])
  })

  it('keeps its cursor', async () => {
    const client = await test.admitted()
    const { extensions } = persisted(hashOf(query))
    client.send(subscribe('1', { query, extensions: { ...extensions, cursor: '7.m.b' } }))
    await until(() => test.live.operations.length === 1)
    expect(test.live.operations[0]?.request.cursor).toBe('7.m.b')
  })

  it.each([
    ['whose text has another hash', { query, ...persisted(hashOf('subscription { other }')) }, 'BAD_REQUEST'],
    ['of another version', { query, ...persisted(hashOf(query), 2) }, 'BAD_REQUEST'],
    ['that holds a secret, and is not kept', persisted(hashOf('{ secret }')), 'PERSISTED_QUERY_NOT_FOUND'],
  ])('is refused %s', async (_why, payload, code) => {
    const client = await test.admitted()
    client.send(subscribe('1', { query: '{ secret }', ...persisted(hashOf('{ secret }')) }))
    await client.next()
    await client.next()
    client.send(subscribe('2', payload))
    expect(await client.next()).toMatchObject({ id: '2', type: 'error', payload: [{ extensions: { code } }] })
    expect(test.live.operations).toEqual([])
  })

  it('is out of protocol where it has neither text nor hash', async () => {
    const client = await test.admitted()
    client.send(subscribe('1', { extensions: {} }))
    expect((await client.closed).code).toBe(4400)
  })
})
