import { expect, it } from '@jest/globals'
import { AppError } from '../../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../../platform/errors/error-codes.js'
import { createLogger } from '../../../../platform/log/logger.js'
import type { FeedToken } from '../feed-token.js'
import { FeedTokens } from '../feed-tokens.js'
import { createRemoteFeed } from './remote-feed.js'
import type { UpstreamSink } from './upstream.js'

const never = new AbortController().signal
const refused = (code: ErrorCode) => ({ kind: 'refused', refusal: new AppError(code) }) as const

const tokenUntil = (lastsUntil: number): FeedToken => ({ authorization: `Bearer ${lastsUntil}`, lastsUntil })

/** A subgraph that a test speaks for: every connection, with the token it was asked with. */
function scripted() {
  const tokens = new FeedTokens(tokenUntil(1))
  tokens.hold(tokens.own)
  const connections: { readonly authorization: string | undefined; readonly sink: UpstreamSink }[] = []
  const feed = createRemoteFeed({
    key: 'k',
    tokens,
    connect: ({ headers }, sink) => {
      connections.push({ authorization: headers[1], sink })
      setImmediate(() => sink.started())
      return { pause: () => undefined, resume: () => undefined, stop: () => undefined }
    },
    request: (authorization) => ({
      ...{
        service: 's',
        url: new URL('ws://localhost/'),
        operation: '',
        variables: {},
        timeoutMs: 1,
        maxResultBytes: 1,
      },
      headers: ['authorization', String(authorization)],
    }),
    retrying: { tries: 0, firstMs: 1, longestMs: 1 },
    logger: createLogger({ service: 'test', level: 'silent' }),
  })
  return { connections, feed, tokens, last: () => connections.at(-1)?.sink }
}

it.each(['AUTHZ_FORBIDDEN', 'AUTH_TOKEN_INVALID', 'AUTH_TOKEN_EXPIRED', 'SUBSCRIPTION_TOKEN_EXPIRED'] as const)(
  'is asked for again at %s with a token that came meanwhile, once each, and counts on',
  async (code) => {
    const { connections, feed, tokens, last } = scripted()
    const reader = await feed.open('new', never)
    const events = reader[Symbol.asyncIterator]()
    last()?.next('a', 1)
    expect(await events.next()).toMatchObject({ value: { sequence: 1, payload: 'a' } })
    tokens.hold(tokenUntil(2))
    tokens.hold(tokenUntil(0)) // it is tried last
    last()?.ended(refused(code))
    const next = events.next()
    while (connections.length < 2) await new Promise(setImmediate)
    last()?.next('b', 1)
    expect(await next).toEqual({ done: false, value: { sequence: 2, payload: 'b', isAfterLoss: true } })
    last()?.ended(refused(code))
    while (connections.length < 3) await new Promise(setImmediate)
    last()?.ended(refused(code))
    await expect(events.next()).rejects.toEqual(expect.objectContaining({ code }))
    expect(connections.map(({ authorization }) => authorization)).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 0'])
  },
)

it('is asked for next without a token that was withdrawn, however long it lasts', async () => {
  const { connections, feed, tokens, last } = scripted()
  const [withdrawn, twice] = [tokenUntil(9), tokenUntil(8)]
  for (const token of [withdrawn, twice, twice]) tokens.hold(token)
  const reader = await feed.open('new', never)
  expect(connections[0]?.authorization).toBe('Bearer 9')
  last()?.ended({ kind: 'refused', refusal: new AppError('AUTH_TOKEN_EXPIRED') })
  while (connections.length < 2) await new Promise(setImmediate)
  expect(connections[1]?.authorization).toBe('Bearer 8')
  tokens.drop(withdrawn)
  tokens.drop(twice)
  expect(tokens.authorization).toBe('Bearer 8')
  tokens.drop(twice)
  expect(tokens.authorization).toBe('Bearer 1')
  await reader.close()
})

it('is not asked for again where the refusal is not about the token', async () => {
  const { connections, feed, tokens, last } = scripted()
  const reader = await feed.open('new', never)
  tokens.hold(tokenUntil(2))
  last()?.ended(refused('AUTHZ_RESOURCE_OWNERSHIP'))
  await expect(reader[Symbol.asyncIterator]().next()).rejects.toEqual(
    expect.objectContaining({ code: 'AUTHZ_RESOURCE_OWNERSHIP' }),
  )
  expect(connections).toHaveLength(1)
})
