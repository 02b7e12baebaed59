import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { openStreamClient, type StreamClient } from './fixtures/stream-client.js'
import { LONG_WAY, startStreamServer, type StreamServer } from './fixtures/stream-server.js'

let server: StreamServer
beforeEach(async () => {
  server = await startStreamServer()
})
afterEach(() => server.close())

const query = 'subscription { count }'
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const persistedQuery = { version: 1, sha256Hash: hashOf(query) }
const accepts = { sse: 'text/event-stream', multipart: 'multipart/mixed;subscriptionSpec=1.0, application/json' }

const ask = (way: keyof typeof accepts, body: object) =>
  openStreamClient(server.url, { headers: { accept: accepts[way] }, body })

async function codeIn(client: StreamClient): Promise<unknown> {
  await client.ended
  const [, data = ''] = /^data: (.+)$/m.exec(client.text()) ?? []
  const { errors } = JSON.parse(data)
  return errors[0].extensions.code
}

const opened = () => server.live.operations.map(({ request }) => [request.query, request.cursor])

describe('a stream that is asked for by the hash of its operation', () => {
  it.each(['sse', 'multipart'] as const)('begins once its text is known, with its cursor: %s', async (way) => {
    await ask(way, { query, extensions: { persistedQuery } })
    await ask(way, { extensions: { persistedQuery } })
    await ask(way, { query: '', extensions: { persistedQuery, cursor: '7.m.b' } })
    await until(() => server.live.operations.length === 3)
    expect(opened()).toEqual([
      [query, null],
      [query, null],
      [query, '7.m.b'],
    ])
  })

  it('may stand in an address', async () => {
    await ask('sse', { query, extensions: { persistedQuery } })
    const address = new URL(server.url)
    address.searchParams.set('extensions', JSON.stringify({ persistedQuery }))
    await openStreamClient(address.href, { headers: { accept: accepts.sse } })
    await until(() => server.live.operations.length === 2)
    expect(server.live.operations[1]?.request).toMatchObject({ query, isAddress: true })
  })

  it('is asked for with its text where nobody knows it: by events in the stream, otherwise by the long way', async () => {
    const events = await ask('sse', { extensions: { persistedQuery } })
    expect(events.headers['content-type']).toContain('text/event-stream')
    expect(await codeIn(events)).toBe('PERSISTED_QUERY_NOT_FOUND')
    expect(events.text()).toContain('event: complete')
    const parts = await ask('multipart', { extensions: { persistedQuery } })
    await parts.ended
    expect(parts.text()).toBe(LONG_WAY)
    expect(opened()).toEqual([])
  })

  it.each([
    ['whose text has another hash', { query: 'subscription { refused }', extensions: { persistedQuery } }],
    ['of another version', { query, extensions: { persistedQuery: { ...persistedQuery, version: 2 } } }],
  ])('is refused %s', async (_why, body) => {
    expect(await codeIn(await ask('sse', body))).toBe('BAD_REQUEST')
    expect(opened()).toEqual([])
  })

  it('answers queries too, where events are preferred', async () => {
    const named = { version: 1, sha256Hash: hashOf('{ ping }') }
    await (
      await ask('sse', { query: '{ ping }', extensions: { persistedQuery: named } })
    ).ended
    const answer = await ask('sse', { extensions: { persistedQuery: named } })
    await answer.ended
    expect(answer.text()).toContain('"ping":"pong"')
  })

  it('leaves to the long way what has neither text nor hash', async () => {
    const client = await ask('sse', { extensions: {} })
    await client.ended
    expect(client.text()).toBe(LONG_WAY)
  })
})
