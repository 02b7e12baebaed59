import { expect, it } from '@jest/globals'
import { AppError } from '../../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../../platform/errors/error-codes.js'
import { createLogger } from '../../../../platform/log/logger.js'
import { FeedToken } from '../feed-token.js'
import { createRemoteFeed } from './remote-feed.js'
import type { UpstreamSink } from './upstream.js'

const never = new AbortController().signal
const refused = (code: ErrorCode) => ({ kind: 'refused', refusal: new AppError(code) }) as const

function tokenUntil(lastsUntil: number): FeedToken {
  const token = new FeedToken({ authorization: `Bearer ${lastsUntil}`, principal: null })
  token.lastsUntil = lastsUntil
  return token
}

/** A subgraph that a test speaks for: every connection, with the token it was asked with. */
function scripted() {
  const connections: { readonly authorization: string | undefined; readonly sink: UpstreamSink }[] = []
  const feed = createRemoteFeed({
    key: 'k',
    token: tokenUntil(1),
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
  return { connections, feed, last: () => connections.at(-1)?.sink }
}

it.each(['AUTHZ_FORBIDDEN', 'AUTH_TOKEN_INVALID', 'AUTH_TOKEN_EXPIRED', 'SUBSCRIPTION_TOKEN_EXPIRED'] as const)(
  'is asked for again at %s with a token that came meanwhile, once each, and counts on',
  async (code) => {
    const { connections, feed, last } = scripted()
    const reader = await feed.open('new', never)
    const events = reader[Symbol.asyncIterator]()
    last()?.next('a', 1)
    expect(await events.next()).toMatchObject({ value: { sequence: 1, payload: 'a' } })
    feed.token?.renew(tokenUntil(2))
    feed.token?.renew(tokenUntil(1)) // an older one changes nothing
    last()?.ended(refused(code))
    const next = events.next()
    while (connections.length < 2) await new Promise(setImmediate)
    last()?.next('b', 1)
    expect(await next).toMatchObject({ value: { sequence: 2, payload: 'b' } })
    last()?.ended(refused(code))
    await expect(events.next()).rejects.toEqual(expect.objectContaining({ code }))
    expect(connections.map(({ authorization }) => authorization)).toEqual(['Bearer 1', 'Bearer 2'])
  },
)

it('is not asked for again where the refusal is not about the token', async () => {
  const { connections, feed, last } = scripted()
  const reader = await feed.open('new', never)
  feed.token?.renew(tokenUntil(2))
  last()?.ended(refused('AUTHZ_RESOURCE_OWNERSHIP'))
  await expect(reader[Symbol.asyncIterator]().next()).rejects.toEqual(
    expect.objectContaining({ code: 'AUTHZ_RESOURCE_OWNERSHIP' }),
  )
  expect(connections).toHaveLength(1)
})
